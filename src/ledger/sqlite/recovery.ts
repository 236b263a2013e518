import type { DatabaseSync } from 'node:sqlite'

import { timeOfId } from '../../callback/id.ts'
import { decodeKeptBytes } from '../codec/decode.ts'
import type { AttemptRecord, KeptRecord, SettledRecord } from '../codec/records.ts'
import { createAttemptTable } from './tables/attempt-table.ts'
import { createCallbackTable } from './tables/callback-table.ts'
import { createInboxTable } from './tables/inbox-table.ts'
import { createRollupTable } from './tables/rollup-table.ts'
import { inTransaction } from './transaction.ts'

const AT_ONCE = 500

/** What the ledger holds of an attempt that was committed before the crash. */
interface KnownAttempt {
  readonly number: number
  readonly outcome: string
}

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
  const recover = (record: KeptRecord): void => {
    const known = attemptsOf.all(record.id) as unknown as readonly KnownAttempt[]
    const unknown = unknownAttempt(record, known, nowMs)
    if (unknown !== undefined) {
      tables.attempts.insert(unknown, undefined)
      tables.rollups.attempted(unknown.route, unknown.startedAt, unknown.outcome)
    }
    const settled = settlementOf(record, known, nowMs)
    const attempts = unknown?.number ?? known.at(-1)?.number ?? 0
    tables.callbacks.change(record.id, { attempts, lastOutcome: settled.lastOutcome, settled, ticket: 0 })
    tables.inbox.settle(settled, nowMs)
    tables.rollups.settled(record.route, timeOfId(record.id), settled.result, Number.NaN)
  }

  let total = 0
  for (;;) {
    const rows = select.all(AT_ONCE)
    if (rows.length === 0) return total
    inTransaction(db, () => {
      for (const { record } of rows) recover(decodeKeptBytes(record as Uint8Array))
      tables.rollups.save()
    })
    total += rows.length
  }
}

/** The attempt that may have been under way: to the first target without a row. None when one succeeded or all have theirs. */
export function unknownAttempt(
  record: KeptRecord,
  known: readonly KnownAttempt[],
  nowMs: number,
): AttemptRecord | undefined {
  if (known.some(({ outcome }) => outcome === 'ok') || known.length >= record.targets.length) return undefined
  const none = Number.NaN
  const target = known.length === 0 ? 'primary' : 'fallback'
  return {
    callbackId: record.id,
    route: record.route,
    isProbe: record.facts.isProbe,
    number: (known.at(-1)?.number ?? 0) + 1,
    duplicateOf: record.duplicateOf,
    streakKey: target, // an unknown attempt counts in no streak
    target,
    label: record.targets[known.length] ?? '',
    via: 'live',
    startedAt: Math.min(record.receivedAt, nowMs),
    outcome: 'unknown',
    status: 0,
    dnsMs: none,
    connectMs: none,
    tlsMs: none,
    firstByteMs: none,
    totalMs: none,
    error: 'Ringback ended while this attempt was under way; the handler may or may not have seen it',
    resent: false,
    reply: undefined,
  }
}

/** What became of a callback that was cut off. */
export function settlementOf(
  record: KeptRecord,
  known: readonly KnownAttempt[],
  nowMs: number,
): SettledRecord {
  const base = {
    callbackId: record.id,
    route: record.route,
    answerStatus: 0,
    answerMs: 0,
    fence: 0,
    answer: undefined,
  }
  if (known.some(({ outcome }) => outcome === 'ok')) {
    return { ...base, result: 'delivered', blame: '', lastOutcome: 'ok', dueAt: Number.NaN }
  }
  return {
    ...base,
    result: record.canWait ? 'rescued' : 'failed',
    blame: 'proxy',
    lastOutcome: 'unknown',
    dueAt: record.canWait ? nowMs : Number.NaN,
  }
}
