import type { DatabaseSync } from 'node:sqlite'

import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'

import { BatchWriter } from '../../../../src/ledger/codec/batch-writer.ts'
import { encodeAttempt, encodeKept, encodeSettled } from '../../../../src/ledger/codec/encode.ts'
import { Breather } from '../../../../src/ledger/sqlite/breather.ts'
import { Committer } from '../../../../src/ledger/sqlite/committer.ts'
import { openForWriting } from '../../../../src/ledger/sqlite/database.ts'
import { SecuredFile } from '../../../../src/ledger/sqlite/recovery/secured-file.ts'
import { sampleAttempt, sampleDelivery, sampleExchange } from '../../../contract/ledger-samples.ts'
import { createLedgerFile, type LedgerFile } from './ledger-file.ts'

let nowMs = 0
/** How long each wait was to be. */
let waits: number[] = []

beforeEach(() => {
  nowMs = 1000
  waits = []
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
  vi.spyOn(Atomics, 'wait').mockImplementation((_cell: unknown, _index, _value, ms) => {
    waits.push(ms ?? Number.POSITIVE_INFINITY)
    return 'timed-out'
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

test('a thread that has worked for half a millisecond waits for a moment, and then not before the next half', () => {
  const breather = new Breather()
  breather.begin()
  for (let worked = 0; worked < 10; worked++) {
    breather.breathe()
    nowMs += 0.25
  }
  expect(waits).toHaveLength(4)
  expect(Math.max(...waits)).toBeLessThan(1)
})

test('a breather that nobody has told to begin never waits', () => {
  const breather = new Breather()
  nowMs += 10_000
  breather.breathe()
  expect(waits).toEqual([])
})

test('time between two batches is no work: the second begins with a full half millisecond', () => {
  const breather = new Breather()
  breather.begin()
  breather.end()
  nowMs += 10_000
  breather.breathe()
  breather.begin()
  breather.breathe()
  expect(waits).toEqual([])
})

test('a batch that begins when the one before is hardly over is written without a breath, the one after a rest is not', () => {
  const breather = new Breather()
  const breathsAfter = (restMs: number): number => {
    nowMs += restMs
    waits = []
    breather.begin()
    nowMs += 8
    breather.breathe()
    breather.end()
    return waits.length
  }
  expect(breathsAfter(100)).toBe(1)
  expect(breathsAfter(1.5)).toBe(0)
  expect(breathsAfter(2.5)).toBe(1)
})

const CALLBACKS = 20
const exchanges = Array.from({ length: CALLBACKS }, () => sampleExchange())

function began(out: BatchWriter): void {
  for (const exchange of exchanges) encodeKept(out, exchange)
}

function ended(out: BatchWriter): void {
  for (const exchange of exchanges) {
    encodeAttempt(out, exchange, sampleAttempt(), 1000)
    encodeSettled(out, exchange, sampleDelivery())
  }
}

let file: LedgerFile
let db: DatabaseSync
async function openCommitter(): Promise<Committer> {
  file = await createLedgerFile()
  await (await file.open()).close()
  db = openForWriting(file.path)
  onTestFinished(async () => {
    db.close()
    await file.end()
  })
  return new Committer(db, {
    path: file.path,
    session: 'one',
    refusalLimit: 10,
    bodies: 'full',
    bodyLimit: 1000,
  })
}

test('a batch is written with a breath for each callback, attempt and end, and one before their messages', async () => {
  const committer = await openCommitter()
  vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 0.5)) // each look at the clock is half a millisecond later
  const breathsOf = (write: (out: BatchWriter) => void, first: number): number => {
    nowMs += 10_000
    waits = []
    const out = new BatchWriter()
    write(out)
    committer.commit({ bytes: out.memory, used: out.used, rows: out.rows, first, sentAt: 0 })
    return waits.length
  }
  expect(breathsOf(began, 1)).toBe(CALLBACKS + 1)
  expect(breathsOf(ended, CALLBACKS + 1)).toBe(2 * CALLBACKS + 1)
  expect(db.prepare('SELECT count(*) AS n FROM attempts').get()).toEqual({ n: CALLBACKS })
})

test('what a process that ended had secured is written without a breath: nobody can wait for the thread yet', async () => {
  const committer = await openCommitter()
  const out = new BatchWriter()
  began(out)
  ended(out)
  const secured = new SecuredFile(file.path, 'one', committer.position)
  const records = new Uint8Array(out.memory, 0, out.used)
  expect(await new Promise((done) => secured.add({ rows: out.rows, records, last: out.rows }, 0, done))).toBe(
    '',
  )
  vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 0.5))
  expect(committer.recover()).toBe(true)
  expect(waits).toEqual([])
  expect(db.prepare('SELECT count(*) AS n FROM callbacks').get()).toEqual({ n: CALLBACKS })
  secured.close()
})
