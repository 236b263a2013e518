import type { DatabaseSync } from 'node:sqlite'

import { decodeKeptBytes } from '../../codec/decode.ts'
import { unknownAttempt } from '../../stored/cut-off.ts'
import { createAttemptTable } from '../tables/attempt-table.ts'
import { createCallbackTable } from '../tables/callback-table.ts'
import { inTransaction } from '../transaction.ts'

interface LeasedRow {
  readonly record: Uint8Array
  readonly state: string
  readonly attempts: number | null
}

/**
 * Ends the leases of a process that is gone: only one process writes this ledger, so nobody holds them any more.
 * The attempt that may have been under way stands as `unknown`, and the callback is due again at once.
 *
 * @returns how many there were
 */
export function recoverLeases(db: DatabaseSync, nowMs: number): number {
  const callbacks = createCallbackTable(db)
  const table = createAttemptTable(db)
  const rows = db
    .prepare(
      `SELECT i.record, i.state, c.attempts FROM inbox AS i LEFT JOIN callbacks AS c ON c.id = i.id
       WHERE i.lease_until > 0`,
    )
    .all() as unknown as readonly LeasedRow[]
  const free = db.prepare(
    `UPDATE inbox SET lease_until = 0, fence = fence + 1, due_at = iif(state = 'waiting', ?, due_at)
     WHERE lease_until > 0`,
  )
  inTransaction(db, () => {
    for (const { record, state, attempts } of rows) {
      const kept = decodeKeptBytes(record)
      const attempt = unknownAttempt(kept, [], nowMs)
      if (attempt === undefined) continue
      const number = (attempts ?? 0) + 1
      const via = state === 'dead' ? 'replay' : 'rescue'
      table.insert({ ...attempt, number, via, startedAt: nowMs }, undefined)
      callbacks.change(kept.id, { attempts: number, lastOutcome: 'unknown', settled: undefined, ticket: 0 })
    }
    free.run(nowMs)
  })
  return rows.length
}
