import type { DatabaseSync } from 'node:sqlite'

import type { SettledRecord } from '../../codec/records.ts'
import type { KeptEntry } from '../batch-plan.ts'
import { dueAt, laneOf, stateOf } from '../../stored/inbox.ts'
import { createLaneOrder } from '../lane-order.ts'

/** The bytes of callbacks that are under way, waiting or dead. */
export interface InboxTable {
  /** Takes a callback in, unless the same batch has already settled it for good. */
  insert(entry: KeptEntry, nowMs: number): void
  /** @returns false when the callback was to wait and its bytes are not here, or when the lease it names was lost */
  settle(settled: SettledRecord, nowMs: number): boolean
}

export function createInboxTable(db: DatabaseSync): InboxTable {
  const insert = db.prepare(`INSERT OR REPLACE INTO inbox
    (id, route, lane, state, can_wait, received_at, due_at, is_behind, tried_at, tries, lease_until, fence, reason,
     ended_at, bytes, record)
    VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, 0, 0, 0, ?, ?, ?, ?)`)
  const remove = db.prepare('DELETE FROM inbox WHERE id = ? RETURNING lane, state')
  const held = 'WHERE id = ? AND (? = 0 OR fence = ?) RETURNING lane, tries'
  const wait = db.prepare(`UPDATE inbox SET tries = tries + iif(state = 'waiting', 1, 0), state = 'waiting',
    due_at = ?, tried_at = ?, lease_until = 0 ${held}`)
  const bury = db.prepare(
    `UPDATE inbox SET state = 'dead', reason = ?, ended_at = ?, lease_until = 0 ${held}`,
  )
  const order = createLaneOrder(db)

  return {
    insert({ record, bytes, change }, nowMs) {
      const settled = change?.settled
      const state = stateOf(settled)
      if (state === undefined) return
      const lane = laneOf(record.route, record.facts.callId, record.id)
      insert.run(
        record.id,
        record.route,
        lane,
        state,
        record.canWait ? 1 : 0,
        record.receivedAt,
        dueAt(settled, record.receivedAt),
        nowMs,
        settled?.lastOutcome ?? '',
        state === 'dead' ? nowMs : null,
        bytes.length,
        bytes,
      )
      if (state === 'waiting') order.joined(lane, record.id)
    },
    settle(settled, nowMs) {
      const { callbackId: id, fence } = settled
      const state = stateOf(settled)
      if (state === 'waiting') {
        const row = wait.get(dueAt(settled, nowMs), nowMs, id, fence, fence)
        if (row?.['tries'] === 0) order.joined(String(row['lane']), id)
        return row !== undefined
      }
      const row = state === 'dead' ? bury.get(settled.lastOutcome, nowMs, id, fence, fence) : remove.get(id)
      if (row !== undefined && row['lane'] !== id && row['state'] !== 'pending')
        order.left(String(row['lane']), nowMs)
      return state !== 'dead' || row !== undefined
    },
  }
}
