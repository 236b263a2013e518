import { stat, open as openFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { sampleAttempt, sampleDelivery, sampleExchange } from '../../../contract/ledger-samples.ts'
import { createLedgerFile, type LedgerFile, TO_VERSION_10 } from './ledger-file.ts'

let file: LedgerFile
beforeEach(async () => {
  file = await createLedgerFile()
})
afterEach(() => file.end())

test('folder and file are made for their owner alone', async () => {
  const path = join(dirname(file.path), 'deep', 'er', 'ringback.db')
  await file.open({ path })
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)
})

test('a ledger of a newer version is refused and left as it is', async () => {
  await (await file.open()).close()
  const db = new DatabaseSync(file.path)
  db.exec('PRAGMA user_version = 99')
  db.close()
  await expect(file.open()).rejects.toMatchObject({
    code: 'ledger',
    message: expect.stringMatching(/newer version.*99/s) as string,
  })
})

test('a database of another program is refused', async () => {
  const db = new DatabaseSync(file.path)
  db.exec('CREATE TABLE theirs (x)')
  db.close()
  await expect(file.open()).rejects.toThrow(/another program/)
})

test('a file that is no database is refused with a remedy', async () => {
  await writeFile(file.path, 'this is not a database at all, not even a little bit '.repeat(100))
  await expect(file.open()).rejects.toThrow(/ringback\.db.*Move it away/s)
})

test('a damaged ledger is refused with a remedy', async () => {
  const ledger = await file.open()
  for (let i = 0; i < 200; i++) {
    const exchange = sampleExchange()
    ledger.writer.keep(exchange)
    ledger.writer.attempt(exchange, sampleAttempt())
    ledger.writer.settle(exchange, sampleDelivery())
  }
  await ledger.close()
  const handle = await openFile(file.path, 'r+')
  await handle.write(Buffer.alloc(8192, 0xff), 0, 8192, 4096)
  await handle.close()
  await expect(file.open()).rejects.toThrow(/damaged.*Move it away/s)
})

test('a folder that cannot be made is refused in words', async () => {
  await writeFile(file.path, '')
  await expect(file.open({ path: join(file.path, 'x.db') })).rejects.toMatchObject({ code: 'ledger' })
})

test('numbers of routes are right in a ledger from before days were added up, also for what comes late', async () => {
  const DAY = 24 * 3_600_000
  const now = Date.now()
  const arrive = (ledger: Awaited<ReturnType<LedgerFile['open']>>, daysAgo: number): void => {
    const exchange = sampleExchange({ callback: { receivedAt: now - daysAgo * DAY } })
    ledger.writer.keep(exchange)
    ledger.writer.settle(exchange, sampleDelivery())
  }
  const before = await file.open()
  for (const daysAgo of [0, 2, 2, 3, 9]) arrive(before, daysAgo)
  await before.close()
  const db = new DatabaseSync(file.path)
  db.exec(TO_VERSION_10)
  db.exec(
    `ALTER TABLE state DROP COLUMN days_from; DELETE FROM rollups WHERE span = ${DAY}; DROP TABLE unsummed;
    PRAGMA user_version = 6`,
  )
  db.close()

  const after = await file.open()
  arrive(after, 2)
  arrive(after, 0)
  await after.writer.flush()
  const callbacksSince = async (daysAgo: number): Promise<number | undefined> =>
    (await after.reader.routes(now - daysAgo * DAY))[0]?.callbacks
  expect([await callbacksSince(1), await callbacksSince(5), await callbacksSince(30)]).toEqual([2, 6, 7])
})
