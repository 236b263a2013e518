import type { DatabaseSync } from 'node:sqlite'

import { timeOfId } from '../../../callback/id.ts'
import { decodeKeptBytes } from '../../codec/decode.ts'
import type { KeptRecord } from '../../codec/records.ts'
import { BatchSums } from '../../stored/batch-sums.ts'
import { type KnownAttempt, settlementOf, unknownAttempt } from '../../stored/cut-off.ts'
import { createAttemptTable } from '../tables/attempt-table.ts'
import { createCallbackTable } from '../tables/callback-table.ts'
import { createInboxTable } from '../tables/inbox-table.ts'
import { createRollupTable } from '../tables/rollup-table.ts'
import { inTransaction } from '../transaction.ts'

const AT_ONCE = 500

/**
 * Settles the callbacks that a crash cut off: what was under way stands in the ledger as `unknown`, and what may be
 * delivered later is. @returns how many there were
 */
export function recoverCutOff(db: DatabaseSync, nowMs: number): number {
  const select = db.prepare(`SELECT record FROM inbox WHERE state = 'pending' LIMIT ?`)
  const attemptsOf = db.prepare('SELECT number, outcome FROM attempts WHERE callback_id = ? ORDER BY number')
  const tables = {
    callbacks: createCallbackTable(db),
    attempts: createAttemptTable(db),
    inbox: createInboxTable(db),
    rollups: createRollupTable(db),
  }
  const sums = new BatchSums()
  const recover = (record: KeptRecord): void => {
    const known = attemptsOf.all(record.id) as unknown as readonly KnownAttempt[]
    const unknown = unknownAttempt(record, known, nowMs)
    if (unknown !== undefined) {
      tables.attempts.insert(unknown, undefined)
      sums.attempted(unknown.route, unknown.startedAt, unknown.outcome)
    }
    const settled = settlementOf(record, known, nowMs)
    const attempts = unknown?.number ?? known.at(-1)?.number ?? 0
    tables.callbacks.change(record.id, { attempts, lastOutcome: settled.lastOutcome, settled, ticket: 0 })
    tables.inbox.settle(settled, nowMs)
    sums.settled(record.route, timeOfId(record.id), settled.result, Number.NaN)
  }

  let total = 0
  for (;;) {
    const rows = select.all(AT_ONCE)
    if (rows.length === 0) return total
    inTransaction(db, () => {
      for (const { record } of rows) recover(decodeKeptBytes(record as Uint8Array))
      for (const sum of sums.all()) tables.rollups.add(sum)
      sums.clear()
    })
    total += rows.length
  }
}
