import type { DatabaseSync } from 'node:sqlite'

import type { SettledRecord } from '../codec/records.ts'
import type { KeptEntry } from './batch-plan.ts'

/** pending: under way, for crashes; waiting: to be delivered later; dead: given up, for people to decide. */
export type InboxState = 'pending' | 'waiting' | 'dead'

/** The bytes of callbacks that are under way, waiting or dead. */
export interface InboxTable {
  /** Takes a callback in, unless the same batch has already settled it for good. */
  insert(entry: KeptEntry): void
  /** @returns false when the callback was to wait and its bytes are not here */
  settle(settled: SettledRecord, nowMs: number): boolean
}

/** Callbacks of one lane are delivered one after the other, in order of arrival: those of one call on one route. */
export function laneOf(route: string, callId: string, id: string): string {
  return callId === '' ? id : `${route} ${callId}`
}

export function createInboxTable(db: DatabaseSync): InboxTable {
  const insert = db.prepare(`INSERT OR REPLACE INTO inbox
    (id, route, lane, state, can_wait, received_at, due_at, tries, fence, reason, ended_at, bytes, record)
    VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, ?, NULL, ?, ?)`)
  const remove = db.prepare('DELETE FROM inbox WHERE id = ?')
  const wait =
    db.prepare(`UPDATE inbox SET state = 'waiting', due_at = ?, tries = tries + iif(state = 'waiting', 1, 0)
    WHERE id = ?`)
  const bury = db.prepare(`UPDATE inbox SET state = 'dead', reason = ?, ended_at = ? WHERE id = ?`)

  return {
    insert({ record, bytes, change }) {
      const settled = change?.settled
      const state = stateOf(settled)
      if (state === undefined) return
      insert.run(
        record.id,
        record.route,
        laneOf(record.route, record.facts.callId, record.id),
        state,
        record.canWait ? 1 : 0,
        record.receivedAt,
        dueAt(settled, record.receivedAt),
        settled?.lastOutcome ?? '',
        bytes.length,
        bytes,
      )
    },
    settle(settled, nowMs) {
      switch (stateOf(settled)) {
        case 'waiting':
          return wait.run(dueAt(settled, nowMs), settled.callbackId).changes !== 0
        case 'dead':
          bury.run(settled.lastOutcome, nowMs, settled.callbackId)
          return true
        case 'pending':
        case undefined:
          remove.run(settled.callbackId)
          return true
      }
    },
  }
}

function stateOf(settled: SettledRecord | undefined): InboxState | undefined {
  if (settled === undefined) return 'pending'
  if (settled.result === 'rescued') return 'waiting'
  return settled.result === 'dead' ? 'dead' : undefined
}

function dueAt(settled: SettledRecord | undefined, fallback: number): number {
  return settled === undefined || Number.isNaN(settled.dueAt) ? fallback : settled.dueAt
}
