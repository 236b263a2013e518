import { DatabaseSync } from 'node:sqlite'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { BatchWriter } from '../../../../src/ledger/codec/batch-writer.ts'
import { encodeKept, encodeSettled } from '../../../../src/ledger/codec/encode.ts'
import { Committer } from '../../../../src/ledger/sqlite/committer.ts'
import { openForWriting } from '../../../../src/ledger/sqlite/database.ts'
import { createRetentionStore } from '../../../../src/ledger/sqlite/retention-store.ts'
import type { Batch } from '../../../../src/ledger/writing/protocol.ts'
import { unpackUnderWay } from '../../../../src/ledger/sqlite/tables/under-way-table.ts'
import { inTransaction } from '../../../../src/ledger/sqlite/transaction.ts'
import { sampleDelivery, sampleExchange } from '../../../contract/ledger-samples.ts'
import { createLedgerFile, type LedgerFile } from './ledger-file.ts'

let file: LedgerFile
const commitOptions = () =>
  ({ path: file.path, session: 's', refusalLimit: 10, bodies: 'full', bodyLimit: 1000 }) as const
beforeEach(async () => {
  file = await createLedgerFile()
})
afterEach(() => file.end())

function batchOf(write: (out: BatchWriter) => void, first = 1): Batch {
  const out = new BatchWriter()
  write(out)
  return { bytes: out.memory, used: out.used, rows: out.rows, first, sentAt: 1 }
}

test('a callback under way never touches the inbox, until it has to wait', async () => {
  const ledger = await file.open()
  const [delivered, rescued] = [sampleExchange(), sampleExchange()]
  ledger.writer.keep(delivered)
  ledger.writer.keep(rescued)
  await ledger.writer.flush()
  const db = new DatabaseSync(file.path, { readOnly: true })
  const counts = (): unknown =>
    db
      .prepare('SELECT (SELECT count(*) FROM under_way) AS batches, (SELECT count(*) FROM inbox) AS inbox')
      .get()
  expect(counts()).toEqual({ batches: 1, inbox: 0 })
  ledger.writer.settle(delivered, sampleDelivery())
  await ledger.writer.flush()
  expect(counts()).toEqual({ batches: 1, inbox: 0 })
  ledger.writer.settle(rescued, sampleDelivery({ result: 'rescued', dueAt: Date.now() }))
  await ledger.writer.flush()
  expect(counts()).toEqual({ batches: 0, inbox: 1 })
  db.close()
})

test('what an earlier writer left under way can still be settled by its successor', () => {
  const exchange = sampleExchange()
  const db = openForWriting(file.path)
  const first = new Committer(db, commitOptions())
  first.commit(batchOf((out) => encodeKept(out, exchange)))
  inTransaction(db, () => unpackUnderWay(db))
  const second = new Committer(db, commitOptions())
  const waiting = sampleDelivery({ result: 'rescued', dueAt: 5 })
  expect(second.commit(batchOf((out) => encodeSettled(out, exchange, waiting), 2))).toEqual([])
  expect(db.prepare('SELECT id, state, due_at FROM inbox').all()).toEqual([
    { id: exchange.callback.id, state: 'waiting', due_at: 5 },
  ])
  db.close()
})

test('a callback that a crash cuts off after old rows were deleted for room is delivered later', async () => {
  const exchange = sampleExchange()
  const db = openForWriting(file.path)
  new Committer(db, commitOptions()).commit(batchOf((out) => encodeKept(out, exchange)))
  const { deleted } = createRetentionStore(db).pruneStep({ beforeMs: Date.now() + 1000, after: '' })
  expect(deleted).toBe(0)
  db.close()
  const ledger = await file.open()
  const found = await ledger.reader.callback(exchange.callback.id)
  expect(found).toMatchObject({ result: 'rescued', attempts: 1, last_outcome: 'unknown' })
  expect(await ledger.stores.rescue.backlog()).toMatchObject([{ waiting: 1 }])
})

test('a batch that was undone changes nothing of what is under way', () => {
  const exchange = sampleExchange()
  const db = openForWriting(file.path)
  const committer = new Committer(db, commitOptions())
  committer.commit(batchOf((out) => encodeKept(out, exchange)))
  const settled = batchOf((out) => encodeSettled(out, exchange, sampleDelivery()), 2)
  db.exec(`CREATE TRIGGER fail BEFORE UPDATE ON state BEGIN SELECT raise(ABORT, 'no'); END`)
  expect(() => committer.commit(settled)).toThrow('no')
  db.exec('DROP TRIGGER fail')
  committer.commit(settled)
  expect(db.prepare('SELECT count(*) AS batches FROM under_way').get()).toEqual({ batches: 0 })
  expect(db.prepare('SELECT result FROM callbacks').all()).toEqual([{ result: 'delivered' }])
  db.close()
})
