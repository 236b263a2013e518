import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, expect, test } from 'vitest'

import type { LedgerEvents } from '../../../../src/ledger/ledger.ts'
import { GroupWriter } from '../../../../src/ledger/writing/group-writer.ts'
import type { Turn } from '../../../../src/ledger/writing/protocol.ts'
import type { SqliteLedger } from '../../../../src/ledger/sqlite/sqlite-ledger.ts'
import { WriterLink, type WriterLinkEvents } from '../../../../src/ledger/writing/writer-link.ts'
import {
  rescuedUntil,
  sampleDelivery,
  sampleExchange,
  sampleRefusal,
} from '../../../contract/ledger-samples.ts'
import { fillDisk, mountSmallDisk } from '../../../support/small-disk.ts'
import { createLedgerFile, type LedgerFile } from './ledger-file.ts'

let file: LedgerFile | undefined
afterEach(async () => {
  await file?.end()
  file = undefined
})

async function keepOne(ledger: SqliteLedger): Promise<string> {
  const exchange = sampleExchange()
  await ledger.writer.durable(ledger.writer.keep(exchange))
  return exchange.callback.id
}

test('while another process holds the file locked, rows wait in memory and their promises fail', async () => {
  file = await createLedgerFile()
  const ledger = await file.open()
  await keepOne(ledger)
  const other = new DatabaseSync(file.path)
  other.exec('BEGIN IMMEDIATE')
  const late = sampleExchange()
  const ticket = ledger.writer.keep(late)
  await expect(ledger.writer.durable(ticket)).rejects.toThrow(/locked/)
  expect(ledger.writer.health()).toMatchObject({
    isWritable: false,
    queued: 1,
    problem: expect.stringMatching(/locked/) as string,
  })
  await expect(ledger.writer.durable(ledger.writer.keep(sampleExchange()))).rejects.toThrow(/locked/)
  other.exec('ROLLBACK')
  other.close()
  await expect
    .poll(() => ledger.writer.health(), { timeout: 5000 })
    .toMatchObject({ isWritable: true, queued: 0 })
  expect((await ledger.reader.callback(late.callback.id))?.result).toBe('pending')
  expect(file.failures).toMatchObject([{ rows: 0 }])
})

test('more rows than fit are dropped and told, and callbacks that may be rescued have twice the room', async () => {
  file = await createLedgerFile()
  const ledger = await file.open({ maxQueuedRows: 10 })
  await keepOne(ledger)
  const relayed = () => ledger.writer.keep(sampleExchange({ route: { onFailure: 'relay' } }))
  const tickets = Array.from({ length: 12 }, relayed)
  expect(tickets.filter((ticket) => ticket > 0)).toHaveLength(10)
  const dropped = tickets.at(-1) ?? 0
  await expect(ledger.writer.durable(dropped)).rejects.toThrow(/too many rows/)
  const precious = Array.from({ length: 12 }, () => ledger.writer.keep(sampleExchange()))
  expect(precious.filter((ticket) => ticket > 0)).toHaveLength(10)
  await ledger.writer.flush()
  expect(file.failures.reduce((sum, { rows }) => sum + rows, 0)).toBe(4)
  expect((await ledger.reader.counts()).callbacks).toBe(21)
})

test('a flood of refusals takes no room of callbacks, and what is left out of it is no failure', async () => {
  file = await createLedgerFile()
  const ledger = await file.open({ maxQueuedRows: 100 })
  for (let i = 0; i < 1000; i++) ledger.writer.refuse(sampleRefusal())
  const callbacks = Array.from({ length: 80 }, () =>
    ledger.writer.keep(sampleExchange({ route: { onFailure: 'relay' } })),
  )
  expect(callbacks.filter((ticket) => ticket > 0)).toHaveLength(80)
  await ledger.writer.flush()
  expect(file.failures).toEqual([])
  const { rows } = await ledger.reader.callbacks({ limit: 100, result: 'rejected' })
  expect(rows).toHaveLength(10)
})

test('a callback whose row was dropped is never promised a rescue', async () => {
  file = await createLedgerFile()
  const ledger = await file.open({ maxQueuedRows: 1 })
  const exchanges = [sampleExchange(), sampleExchange(), sampleExchange()]
  for (const exchange of exchanges) ledger.writer.keep(exchange)
  await ledger.writer.flush()
  const last = exchanges[2] ?? sampleExchange()
  await expect(ledger.writer.durable(ledger.writer.settle(last, rescuedUntil(0)))).rejects.toThrow(/bytes/)
})

/** The writing side alone, whose thread the test can end. */
async function startWriter(
  { path, failures }: LedgerFile,
  { on = {}, maxRows = 1000 }: { on?: Partial<WriterLinkEvents>; maxRows?: number } = {},
) {
  const events: LedgerEvents = {
    committed: () => undefined,
    failed: (rows, problem) => failures.push({ rows, problem }),
  }
  const limits = { replyLimit: 100, maxRows, maxBytes: 1e6 }
  const writer: GroupWriter = new GroupWriter({ events, ...limits }, (turn) => link.send(turn))
  const data = { path, session: 's', isFirst: true, bodies: 'redacted', bodyLimit: 100 }
  const { link } = await WriterLink.start(
    { ...data, refusalLimit: 10, replayWindowMs: 1000 },
    {
      done: (result) => writer.done(result),
      ended: (problem) => writer.ended(problem),
      couldNotRestart: (problem) => writer.couldNotRestart(problem),
      restarted: () => writer.restarted(),
      ...on,
    },
    { name: 'writer-thread', from: import.meta.resolve('../../../../src/ledger/sqlite/sqlite-ledger.ts') },
  )
  const kill = () => link.send({} as Turn)
  return { writer, link, kill }
}

test('a writer thread that dies is replaced, and its batch is written exactly once', async () => {
  file = await createLedgerFile()
  let isLost = false // the thread dies after its commit, before anybody hears of it
  const { writer, link, kill } = await startWriter(file, {
    on: {
      done: (result) => {
        if (!isLost) writer.done(result)
      },
      ended: (problem) => {
        isLost = false
        writer.ended(problem)
      },
    },
  })
  const exchange = sampleExchange()
  writer.keep(exchange)
  isLost = true
  const written = writer.flush()
  const call = writer.call('registrations', 'list', [0])
  void setTimeout(50).then(kill)
  await expect(call).rejects.toThrow(/writer thread failed/)
  await written
  await writer.durable(writer.settle(exchange, sampleDelivery()))
  await link.close()
  const ledger = await file.open()
  expect(await ledger.reader.callback(exchange.callback.id)).toMatchObject({ result: 'delivered' })
  expect((await ledger.reader.routes(0))[0]).toMatchObject({ callbacks: 1 })
  expect(await ledger.reader.counts()).toMatchObject({ callbacks: 1 })
})

/** Puts a file where the folder of the ledger was, so that nobody can open it. @returns puts the folder back */
function takeAway({ path }: LedgerFile): () => void {
  const home = dirname(path)
  renameSync(home, `${home}.away`)
  writeFileSync(home, '')
  return () => {
    rmSync(home, { recursive: true, force: true })
    renameSync(`${home}.away`, home)
  }
}

test('while a writer thread cannot be replaced rows wait and their promises fail, and then they are written', async () => {
  file = await createLedgerFile()
  const { writer, link, kill } = await startWriter(file, { maxRows: 10 })
  const relayed = () => writer.keep(sampleExchange({ route: { onFailure: 'relay' } }))
  await writer.durable(relayed())
  const putBack = takeAway(file)
  const problem = /cannot be started again: The ledger .* cannot be used/
  try {
    kill()
    const tickets = Array.from({ length: 12 }, relayed)
    await expect(writer.durable(tickets[0] ?? 0)).rejects.toThrow(problem)
    await expect(writer.flush()).rejects.toThrow(problem)
    await expect(writer.call('registrations', 'list', [0])).rejects.toThrow(problem)
    expect(writer.health()).toMatchObject({ isWritable: false, queued: 10 })
    expect(file.failures.map(({ rows }) => rows)).toEqual([0, 2])
  } finally {
    putBack()
  }
  await expect.poll(() => writer.health(), { timeout: 5000 }).toMatchObject({ isWritable: true, queued: 0 })
  await link.close()
  const ledger = await file.open()
  expect(await ledger.reader.counts()).toMatchObject({ callbacks: 11 })
})

test('a writer that is closed while its thread is started again leaves no thread behind', async () => {
  file = await createLedgerFile()
  const failed = Promise.withResolvers<string>()
  const { link, kill } = await startWriter(file, { on: { couldNotRestart: failed.resolve } })
  const putBack = takeAway(file)
  try {
    kill()
    await failed.promise
    rmSync(dirname(file.path)) // the next thread makes the folder, and a ledger in it
    await setTimeout(210)
    await link.close()
    const isThere = existsSync(file.path)
    await setTimeout(300)
    expect(existsSync(file.path)).toBe(isThere)
  } finally {
    putBack()
  }
})

const noise = () => sampleExchange({ callback: { body: randomBytes(64 * 1024) } })
const folder = mkdtempSync(join(tmpdir(), 'ringback-disk-'))
const mounted = mountSmallDisk(folder)
afterAll(() => {
  mounted?.unmount()
  rmSync(folder, { recursive: true, force: true })
})

test.skipIf(mounted === undefined)(
  'a full disk fails promises, and when there is room again everything that waited is written [needs root for a tmpfs]',
  async () => {
    file = await createLedgerFile(folder)
    const ledger = await file.open({ bodies: 'full' })
    const first = await keepOne(ledger)
    expect(fillDisk(join(folder, 'hog'))).toBe('ENOSPC')
    const kept: string[] = []
    const writeUntilFull = async (): Promise<void> => {
      for (;;) {
        const exchange = noise()
        kept.push(exchange.callback.id)
        await ledger.writer.durable(ledger.writer.keep(exchange))
      }
    }
    await expect(writeUntilFull()).rejects.toThrow(/disk is full/)
    expect(ledger.writer.health()).toMatchObject({ isWritable: false })
    const stuck = sampleExchange()
    ledger.writer.keep(stuck)
    await expect(ledger.writer.durable(ledger.writer.settle(stuck, rescuedUntil(0)))).rejects.toThrow(
      /disk is full/,
    )

    unlinkSync(join(folder, 'hog'))
    await expect
      .poll(() => ledger.writer.health(), { timeout: 5000 })
      .toMatchObject({ isWritable: true, queued: 0 })
    expect(await ledger.reader.callback(stuck.callback.id)).toMatchObject({ result: 'rescued' })
    for (const id of [first, ...kept]) expect((await ledger.reader.callback(id))?.id).toBe(id)
    await ledger.close()
    const db = new DatabaseSync(file.path)
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    db.close()
  },
)
