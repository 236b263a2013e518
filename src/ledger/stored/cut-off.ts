import type { AttemptRecord, KeptRecord, SettledRecord } from '../codec/records.ts'

// What a crash cut off, as it stands in the ledger afterwards.

/** What the ledger holds of an attempt that was committed before the crash. */
export interface KnownAttempt {
  readonly number: number
  readonly outcome: string
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
