import { rm, writeFile } from 'node:fs/promises'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { loadSqliteThreads } from '../../../../src/ledger/sqlite/threads.ts'
import { createLedgerFile, type LedgerFile } from './ledger-file.ts'

let file: LedgerFile
beforeEach(async () => {
  file = await createLedgerFile()
})
afterEach(() => file.end())

test('a ledger that is in use is refused, and the holder named, until it is closed', async () => {
  const first = await file.open()
  await expect(file.open()).rejects.toMatchObject({
    code: 'ledger',
    message: expect.stringContaining(`Another Ringback (process ${process.pid}) is running`) as string,
  })
  await first.close()
  await expect(file.open()).resolves.toBeDefined()
})

test('an opening that fails lets go of the ledger', async () => {
  await writeFile(file.path, 'no database '.repeat(100))
  await expect(file.open()).rejects.toThrow('is not a ledger')
  await rm(file.path)
  await expect(file.open()).resolves.toBeDefined()
})

test('the threads that loaded for a ledger that is not opened end', async () => {
  await file.open()
  const threads = loadSqliteThreads()
  await expect(file.open({}, threads)).rejects.toThrow('is running')
  for (const thread of [threads.writer, threads.reader]) {
    await expect(thread.start({})).rejects.toThrow('ended before it was ready')
  }
})
