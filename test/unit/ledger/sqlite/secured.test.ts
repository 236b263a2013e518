import { readFileSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { BatchWriter } from '../../../../src/ledger/codec/batch-writer.ts'
import { encodeAttempt, encodeKept, encodeSettled } from '../../../../src/ledger/codec/encode.ts'
import { Committer } from '../../../../src/ledger/sqlite/committer.ts'
import { readSecured, SecuredFile } from '../../../../src/ledger/sqlite/recovery/secured-file.ts'
import { openForWriting } from '../../../../src/ledger/sqlite/database.ts'
import { sampleAttempt, sampleDelivery, sampleExchange } from '../../../contract/ledger-samples.ts'
import { createLedgerFile, type LedgerFile, TO_VERSION_10 } from './ledger-file.ts'

let file: LedgerFile
const commitOptions = () =>
  ({ path: file.path, session: 'before', refusalLimit: 10, bodies: 'full', bodyLimit: 1000 }) as const
beforeEach(async () => {
  file = await createLedgerFile()
})
afterEach(() => file.end())

/** Pieces of rows that are secured and not committed. */
function securedIn(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true })
  const { session, ticket } = db.prepare('SELECT session, ticket FROM state').get() as {
    session: string
    ticket: number
  }
  const pieces = readSecured(path, { session, ticket })
  db.close()
  return pieces.length
}

function inFile(sql: string): void {
  const db = new DatabaseSync(file.path)
  db.exec(sql)
  db.close()
}

function openCommitter() {
  const db = openForWriting(file.path)
  const committer = new Committer(db, commitOptions())
  const secured = new SecuredFile(file.path, commitOptions().session, committer.position)
  const secure = async (
    { memory, used }: BatchWriter,
    { start, rows, last }: Readonly<Record<'start' | 'rows' | 'last', number>>,
  ): Promise<void> => {
    const records = new Uint8Array(memory, start, used - start)
    const problem = await new Promise<string>((done) =>
      secured.add({ rows, records, last }, Date.now(), done),
    )
    expect(problem).toBe('')
  }
  return { db, committer, secure }
}

/** Secures what `write` writes, as a process does that is killed before its batch is committed. */
async function secureAndCrash(...pieces: ((out: BatchWriter) => void)[]): Promise<void> {
  const { db, secure } = openCommitter()
  const out = new BatchWriter()
  let [start, before] = [0, 0]
  for (const piece of pieces) {
    piece(out)
    await secure(out, { start, rows: out.rows - before, last: out.rows })
    start = out.used
    before = out.rows
  }
  db.close()
}

test('a row that is secured can be read once its batch is committed, and is held nowhere else then', async () => {
  const { writer, reader } = await file.open()
  const exchange = sampleExchange()
  await writer.secured(writer.keep(exchange))
  writer.attempt(exchange, sampleAttempt())
  writer.settle(exchange, sampleDelivery())
  await writer.flush()
  expect(await reader.callback(exchange.callback.id)).toMatchObject({ result: 'delivered', attempts: 1 })
  expect(securedIn(file.path)).toBe(0)
})

test('rows that are secured one after the other while their batch is open are each secured once', async () => {
  const { writer, reader } = await file.open()
  const exchanges = Array.from({ length: 200 }, () => sampleExchange())
  await Promise.all(exchanges.map(async (exchange) => writer.secured(writer.keep(exchange))))
  for (const exchange of exchanges) {
    writer.attempt(exchange, sampleAttempt())
    await writer.secured(writer.settle(exchange, sampleDelivery()))
  }
  await writer.flush()
  expect((await reader.counts()).callbacks).toBe(200)
  expect((await reader.callbacks({ limit: 1000, result: 'delivered' })).rows).toHaveLength(200)
  expect(file.failures).toEqual([])
})

test('what was secured and never committed is in the ledger after the next start: outcomes too, the rest as unknown', async () => {
  const [told, cut, alone] = [sampleExchange(), sampleExchange(), sampleExchange()]
  await (await file.open()).close()
  await secureAndCrash(
    (out) => {
      encodeKept(out, told)
      encodeKept(out, cut)
    },
    (out) => {
      encodeAttempt(out, told, sampleAttempt(), 1000)
      encodeSettled(out, told, sampleDelivery())
      encodeKept(out, alone)
    },
  )
  expect(securedIn(file.path)).toBe(2)
  const { reader } = await file.open()
  expect(await reader.callback(told.callback.id)).toMatchObject({ result: 'delivered', attempts: 1 })
  for (const { callback } of [cut, alone]) {
    const found = await reader.callback(callback.id)
    expect(found).toMatchObject({ last_outcome: 'unknown' })
    expect(found?.result).not.toBe('pending')
  }
  expect(securedIn(file.path)).toBe(0)
  expect((await reader.counts()).callbacks).toBe(3)
})

test('a new ledger takes nothing of what the first process of another one left at its place, stopped or crashed', async () => {
  const beginAnew = async (): Promise<void> => {
    for (const end of ['', '-wal', '-shm']) rmSync(file.path + end, { force: true })
    const ledger = await file.open()
    expect((await ledger.reader.counts()).callbacks).toBe(0)
    await ledger.close()
  }
  const exchange = sampleExchange()
  const first = await file.open()
  await first.writer.secured(first.writer.keep(exchange))
  await first.writer.durable(first.writer.settle(exchange, sampleDelivery()))
  await first.close()
  await beginAnew()
  await secureAndCrash((out) => encodeKept(out, sampleExchange()))
  await beginAnew()
})

test('a ledger of a version before, which gave no names, gets back what its first process had secured', async () => {
  const exchange = sampleExchange()
  await (await file.open()).close()
  inFile(`UPDATE state SET session = ''`)
  await secureAndCrash((out) => encodeKept(out, exchange))
  inFile(TO_VERSION_10)
  const { reader } = await file.open()
  expect(await reader.callback(exchange.callback.id)).toMatchObject({ last_outcome: 'unknown' })
})

test('a commit that is undone leaves what was secured as it was', async () => {
  const exchange = sampleExchange()
  await (await file.open()).close()
  const { db, committer, secure } = openCommitter()
  const out = new BatchWriter()
  encodeKept(out, exchange)
  await secure(out, { start: 0, rows: 1, last: 1 })
  const batch = { bytes: out.memory, used: out.used, rows: 1, first: 1, sentAt: Date.now() }
  db.exec(`CREATE TRIGGER fail BEFORE UPDATE ON state BEGIN SELECT raise(ABORT, 'no'); END`)
  expect(() => committer.commit(batch)).toThrow('no')
  expect(securedIn(file.path)).toBe(1)
  db.exec('DROP TRIGGER fail')
  committer.commit(batch)
  expect(securedIn(file.path)).toBe(0)
  db.close()
})

test('rows that no commit takes are set aside, loudly, and keep no daemon from its start', async () => {
  const [first, garbled, last] = [sampleExchange(), sampleExchange(), sampleExchange()]
  await (await file.open()).close()
  await secureAndCrash(
    (out) => encodeKept(out, first),
    (out) => {
      const start = out.used
      encodeKept(out, garbled)
      new Uint8Array(out.memory).fill(0xff, start, start + 8)
    },
    (out) => encodeKept(out, last),
  )
  const ledger = await file.open()
  for (const { callback } of [first, last]) {
    expect(await ledger.reader.callback(callback.id)).toMatchObject({ last_outcome: 'unknown' })
  }
  expect(securedIn(file.path)).toBe(0)
  const [failure] = file.failures
  expect(file.failures).toMatchObject([{ rows: 1 }])
  const [, aside = ''] = /set aside in (\S+), not lost/.exec(failure?.problem ?? '') ?? []
  expect(readFileSync(aside).includes(garbled.callback.id)).toBe(true)
  await ledger.close()
  await file.open() // and again, without a word
  expect(file.failures).toHaveLength(1)
})

test('a row that no commit takes is handed over while it could still be found again, whatever comes next', async () => {
  const [garbled, last] = [sampleExchange(), sampleExchange()]
  await (await file.open()).close()
  await secureAndCrash(
    (out) => {
      encodeKept(out, garbled)
      new Uint8Array(out.memory).fill(0xff, 0, 8)
    },
    (out) => encodeKept(out, last),
  )
  const db = openForWriting(file.path)
  const committer = new Committer(db, { ...commitOptions(), session: 'after' })
  const found: number[] = []
  committer.recoverEach(() => found.push(securedIn(file.path)))
  expect(found).toEqual([2])
  expect(securedIn(file.path)).toBe(0)
  db.close()
})

test('the commit of a batch leaves what later batches hold secured', async () => {
  const [first, second] = [sampleExchange(), sampleExchange()]
  await (await file.open()).close()
  const { db, committer, secure } = openCommitter()
  const [out, later] = [new BatchWriter(), new BatchWriter()]
  encodeKept(out, first)
  await secure(out, { start: 0, rows: 1, last: 1 })
  encodeKept(later, second)
  await secure(later, { start: 0, rows: 1, last: 2 })
  committer.commit({ bytes: out.memory, used: out.used, rows: 1, first: 1, sentAt: Date.now() })
  expect(securedIn(file.path)).toBe(1)
  db.close()
  const { reader } = await file.open()
  for (const { callback } of [first, second]) {
    expect(await reader.callback(callback.id)).toMatchObject({ last_outcome: 'unknown' })
  }
  expect((await reader.counts()).callbacks).toBe(2)
  expect(securedIn(file.path)).toBe(0)
})

test('more rows than a batch takes are committed in several, in order, whoever waits for which', async () => {
  const { writer, reader } = await file.open()
  const exchanges = Array.from({ length: 2000 }, () => sampleExchange())
  const waits: Promise<void>[] = []
  for (const [at, exchange] of exchanges.entries()) {
    const kept = writer.keep(exchange)
    writer.attempt(exchange, sampleAttempt())
    const settled = writer.settle(exchange, sampleDelivery())
    if (at % 100 === 0) waits.push(writer.secured(kept), writer.durable(settled))
    if (at % 500 === 0) await writer.secured(kept)
  }
  await Promise.all(waits)
  await writer.flush()
  expect((await reader.counts()).callbacks).toBe(2000)
  const { rows } = await reader.callbacks({ limit: 1000, result: 'delivered' })
  expect(rows).toHaveLength(1000)
  expect(Math.max(...file.commits)).toBeLessThanOrEqual(1500)
  expect(file.failures).toEqual([])
  expect(securedIn(file.path)).toBe(0)
})
