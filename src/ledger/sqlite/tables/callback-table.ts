import type { DatabaseSync } from 'node:sqlite'

import type { KeptRecord } from '../../codec/records.ts'
import { redactTarget } from '../../redact.ts'
import type { Change } from '../../writing/batch-plan.ts'

/**
 * Callbacks in one bucket of the table of calls; see look-up-tables.ts. Who asks for a call looks into every bucket, a page
 * of the file each; who fills the table writes pages that are the emptier the larger a bucket is.
 */
const BUCKET_ROWS = 24_576

/** Where a message lies: line `slot` of a block. */
export interface Place {
  readonly block: number
  readonly slot: number
}

export interface CallbackTable {
  /** @param number how many callbacks were received before this one, ever */
  insert(record: KeptRecord, change: Change | undefined, place: Place, number: number): void
  /** Attempts and settlement of a callback that is in the table. @returns true when this settled it for the first time */
  change(id: string, change: Change): boolean
}

const INSERT = `INSERT OR REPLACE INTO callbacks
  (id, received_at, route, account, event, raw_event, call_id, call_hash, bucket, kind, method, path, verdict,
   result, blame, attempts, last_outcome, answer_status, answer_ms, body_bytes, duplicate_of, peer, traceparent,
   guard_key, body_hash, block, slot)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const PROGRESS = 'UPDATE callbacks SET attempts = max(attempts, ?), last_outcome = ? WHERE id = ?'
const SETTLE_FIRST = `UPDATE callbacks SET result = ?, blame = ?, attempts = max(attempts, ?),
  last_outcome = iif(? = '', last_outcome, ?), answer_status = ?, answer_ms = ? WHERE id = ? AND result = 'pending'`
// Later deliveries change what became of the callback, not what the provider was told at the time nor who was to blame.
const SETTLE_AGAIN = `UPDATE callbacks SET result = ?, blame = iif(? = '', blame, ?),
  attempts = max(attempts, ?), last_outcome = iif(? = '', last_outcome, ?) WHERE id = ?`

export function createCallbackTable(db: DatabaseSync): CallbackTable {
  const insert = db.prepare(INSERT)
  const progress = db.prepare(PROGRESS)
  const settleFirst = db.prepare(SETTLE_FIRST)
  const settleAgain = db.prepare(SETTLE_AGAIN)
  return {
    insert(record, change, place, number) {
      const { facts } = record
      const { result, blame, answerStatus, answerMs } = change?.settled ?? PENDING
      const { attempts, lastOutcome } = change ?? NO_CHANGE
      const hasCall = facts.callId !== ''
      insert.run(
        record.id,
        record.receivedAt,
        record.route,
        facts.account,
        facts.event,
        facts.rawEvent,
        facts.callId,
        hasCall ? hashOfCall(facts.callId) : null,
        hasCall ? bucketOf(number) : null,
        record.kind,
        record.method,
        redactTarget(record.path, record.query),
        record.verdict,
        result,
        blame,
        attempts,
        lastOutcome,
        answerStatus,
        answerMs,
        record.body.length,
        record.duplicateOf,
        record.peer,
        record.traceparent,
        record.guardKey,
        record.bodyHash,
        place.block,
        place.slot,
      )
    },
    change(id, { settled, attempts, lastOutcome }) {
      if (settled === undefined) {
        progress.run(attempts, lastOutcome, id)
        return false
      }
      const { result, blame, answerStatus, answerMs } = settled
      const last = [lastOutcome, lastOutcome] as const
      const first = settleFirst.run(result, blame, attempts, ...last, answerStatus, answerMs, id)
      if (first.changes !== 0) return true
      settleAgain.run(result, blame, blame, attempts, ...last, id)
      return false
    },
  }
}

const PENDING = { result: 'pending', blame: '', answerStatus: 0, answerMs: 0 } as const
const NO_CHANGE = { attempts: 0, lastOutcome: '' } as const

function bucketOf(number: number): number {
  return Math.floor(number / BUCKET_ROWS)
}

/** 32 bits of a call id (FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/); readers compare the whole id as well. */
export function hashOfCall(callId: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < callId.length; i++) {
    hash = Math.imul(hash ^ callId.charCodeAt(i), 0x01000193)
  }
  return hash
}
