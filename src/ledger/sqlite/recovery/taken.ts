import type { DatabaseSync } from 'node:sqlite'

import { timeOfId } from '../../../callback/id.ts'
import { decodeKeptBytes } from '../../codec/decode.ts'
import type { AttemptRecord, KeptRecord, SettledRecord } from '../../codec/records.ts'
import { BatchSums } from '../../stored/batch-sums.ts'
import { type KnownAttempt, unknownAttempt } from '../../stored/cut-off.ts'
import { createAttemptTable } from '../tables/attempt-table.ts'
import { createCallbackTable } from '../tables/callback-table.ts'
import { createInboxTable } from '../tables/inbox-table.ts'
import { createRollupTable } from '../tables/rollup-table.ts'
import { inTransaction } from '../transaction.ts'
import type { Taking } from './taken-journal.ts'

/**
 * Settles the callbacks that a target took and that a kill left undecided in the ledger, so that they are not
 * delivered again. @returns how many there were
 */
export function recoverTaken(db: DatabaseSync, takings: readonly Taking[], nowMs: number): number {
  const inInbox = db.prepare('SELECT record, state FROM inbox WHERE id = ?')
  const first = db.prepare('SELECT number, outcome FROM attempts WHERE callback_id = ? ORDER BY number')
  const tables = {
    callbacks: createCallbackTable(db),
    attempts: createAttemptTable(db),
    inbox: createInboxTable(db),
    rollups: createRollupTable(db),
  }
  const sums = new BatchSums()
  const settle = (taking: Taking): number => {
    const row = inInbox.get(taking.id)
    if (row === undefined) return 0
    const record = decodeKeptBytes(row['record'] as Uint8Array)
    const known = first.all(taking.id) as unknown as readonly KnownAttempt[]
    const isMissing = (wanted: number): boolean => known.every(({ number }) => number !== wanted)
    const made: AttemptRecord[] = []
    if (taking.number > 1 && isMissing(taking.number - 1)) made.push(...attemptBefore(taking, record, nowMs))
    if (isMissing(taking.number)) made.push(attemptOf(taking, record))
    for (const attempt of made) {
      tables.attempts.insert(attempt, undefined)
      sums.attempted(attempt.route, attempt.startedAt, attempt.outcome)
    }
    const settled = settlementOf(record, row['state'] !== 'pending')
    const isFirst = tables.callbacks.change(record.id, {
      attempts: taking.number,
      lastOutcome: 'ok',
      settled,
      ticket: 0,
    })
    tables.inbox.settle(settled, nowMs)
    if (isFirst) sums.settled(record.route, timeOfId(record.id), settled.result, Number.NaN)
    return 1
  }
  return inTransaction(db, () => {
    let settled = 0
    for (const taking of takings) settled += settle(taking)
    for (const sum of sums.all()) tables.rollups.add(sum)
    return settled
  })
}

/** The primary's turn at a callback that its fallback took: cut off with its row. Rounds before were committed. */
function attemptBefore(
  { number, via, startedAt }: Taking,
  record: KeptRecord,
  nowMs: number,
): readonly AttemptRecord[] {
  const unknown = unknownAttempt(record, [], nowMs)
  if (unknown === undefined) return []
  return [{ ...unknown, number: number - 1, via, startedAt: via === 'live' ? unknown.startedAt : startedAt }]
}

function attemptOf({ number, target, via, status, startedAt }: Taking, record: KeptRecord): AttemptRecord {
  const none = Number.NaN
  return {
    callbackId: record.id,
    route: record.route,
    isProbe: record.facts.isProbe,
    number,
    duplicateOf: record.duplicateOf,
    streakKey: target, // folded into no streak: those are counted as rows are committed
    target,
    label: record.targets[target === 'primary' ? 0 : 1] ?? '',
    via,
    startedAt,
    outcome: 'ok',
    status,
    dnsMs: none,
    connectMs: none,
    tlsMs: none,
    firstByteMs: none,
    totalMs: none,
    error: '',
    resent: false,
    reply: undefined,
  }
}

function settlementOf({ id, route }: KeptRecord, hasWaited: boolean): SettledRecord {
  return {
    callbackId: id,
    route,
    result: hasWaited ? 'delivered_late' : 'delivered',
    blame: '',
    lastOutcome: 'ok',
    answerStatus: 0,
    answerMs: 0,
    dueAt: Number.NaN,
    fence: 0,
    answer: undefined,
  }
}
