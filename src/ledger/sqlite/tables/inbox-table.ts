import type { DatabaseSync } from 'node:sqlite'

import type { KeptRecord, SettledRecord } from '../../codec/records.ts'
import { dueAt, type InboxState, laneOf, stateOf } from '../../stored/inbox.ts'
import { createLaneOrder } from '../lane-order.ts'

/** The bytes of callbacks that are waiting or dead, and of those that an earlier writer left under way. */
export interface InboxTable {
  /** Takes in a callback that is to wait, or dead; any other is settled for good and left out. */
  insert(kept: Kept, settled: SettledRecord, nowMs: number): void
  /** Takes in a callback that was cut off. */
  insertPending(kept: Kept): void
  /** @returns false when the callback was to wait and its bytes are not here, or when the lease it names was lost */
  settle(settled: SettledRecord, nowMs: number): boolean
}

/** A callback and its record as bytes. */
export interface Kept {
  readonly record: KeptRecord
  readonly bytes: Uint8Array
}

/** How a callback stands in the inbox. */
interface Standing {
  readonly state: InboxState
  readonly dueAt: number
  readonly triedAt: number
  readonly reason: string
  readonly endedAt: number | null
}

export function createInboxTable(db: DatabaseSync): InboxTable {
  const remove = db.prepare('DELETE FROM inbox WHERE id = ? RETURNING lane, state')
  const held = 'WHERE id = ? AND (? = 0 OR fence = ?) RETURNING lane, tries'
  const wait = db.prepare(`UPDATE inbox SET tries = tries + iif(state = 'waiting', 1, 0), state = 'waiting',
    due_at = ?, tried_at = ?, lease_until = 0 ${held}`)
  const bury = db.prepare(
    `UPDATE inbox SET state = 'dead', reason = ?, ended_at = ?, lease_until = 0 ${held}`,
  )
  const order = createLaneOrder(db)
  const add = createAdd(db)

  return {
    insert(kept, settled, nowMs) {
      const state = stateOf(settled)
      if (state === undefined) return
      const lane = add(kept, {
        state,
        dueAt: dueAt(settled, kept.record.receivedAt),
        triedAt: nowMs,
        reason: settled.lastOutcome,
        endedAt: state === 'dead' ? nowMs : null,
      })
      if (state === 'waiting') order.joined(lane, kept.record.id)
    },
    insertPending(kept) {
      const { receivedAt } = kept.record
      add(kept, { state: 'pending', dueAt: receivedAt, triedAt: receivedAt, reason: '', endedAt: null })
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

/** @returns what takes in one callback and gives its lane */
function createAdd(db: DatabaseSync): (kept: Kept, standing: Standing) => string {
  const insert = db.prepare(`INSERT OR REPLACE INTO inbox
    (id, route, lane, state, can_wait, received_at, due_at, is_behind, tried_at, tries, lease_until, fence, reason,
     ended_at, bytes, record)
    VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, 0, 0, 0, ?, ?, ?, ?)`)
  return ({ record, bytes }, standing) => {
    const lane = laneOf(record.route, record.facts.callId, record.id)
    insert.run(
      record.id,
      record.route,
      lane,
      standing.state,
      record.canWait ? 1 : 0,
      record.receivedAt,
      standing.dueAt,
      standing.triedAt,
      standing.reason,
      standing.endedAt,
      bytes.length,
      bytes,
    )
    return lane
  }
}
