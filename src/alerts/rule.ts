import { timeOfId } from '../callback/id.ts'
import type { Streak } from '../callback/streak.ts'

/** What can be watched. A closed set: metric label, column of incidents, key of the configuration. */
export const ruleNames = [
  'consecutive_failures',
  'failure_rate',
  'slow_responses',
  'deadline_misses',
  'no_callbacks',
  'stuck_calls',
  'signature_failures',
  'fallback_in_use',
  'backlog_age',
  'dead_letters',
  'target_certificate_expiry',
  'ledger_unhealthy',
  'reconciliation',
] as const
export type Rule = (typeof ruleNames)[number]

/** When the streak of a target fires and resolves. */
export interface Thresholds {
  /** Failures in a row that fire. */
  readonly consecutiveFailures: number
  /** Successes in a row that resolve. */
  readonly resolveAfter: number
  /** These failures must have arrived within this time, milliseconds; undefined for however long they take. */
  readonly withinMs?: number | undefined
}

/** What a rule finds: it holds, it holds no longer, or there is too little to say either. */
export type Verdict = 'bad' | 'good' | 'unclear'

/** What a rule finds and what it measured. */
export interface Finding {
  readonly verdict: Verdict
  /** What was measured: a share, a count, an age in milliseconds. */
  readonly value: number
  /** In one sentence for a person: what was measured and where the limit is. */
  readonly reason: string
  /** When it began, milliseconds since the epoch; undefined for now. */
  readonly since?: number | undefined
}

/** What follows from a verdict for an alert. */
export type Signal = 'fire' | 'resolve' | 'stay'

/** Does a streak break the rule? Between the two thresholds whatever was said last stays true. */
export function judgeStreak(streak: Streak, thresholds: Thresholds): Verdict {
  if (streak.failures >= thresholds.consecutiveFailures)
    return isDense(streak, thresholds) ? 'bad' : 'unclear'
  if (streak.failures === 0 && streak.successes >= thresholds.resolveAfter) return 'good'
  return 'unclear'
}

/** Did the newest failures arrive within the time that counts? Of a very long streak only the newest are remembered. */
function isDense({ failedIds }: Streak, { consecutiveFailures, withinMs }: Thresholds): boolean {
  const newest = failedIds.at(-1)
  if (withinMs === undefined || newest === undefined) return true
  const first = failedIds.at(-Math.min(consecutiveFailures, failedIds.length)) ?? newest
  return timeOfId(newest) - timeOfId(first) <= withinMs
}

export function signalOf(verdict: Verdict, isFiring: boolean): Signal {
  if (verdict === 'bad' && !isFiring) return 'fire'
  if (verdict === 'good' && isFiring) return 'resolve'
  return 'stay'
}

/** Is it time to tell again? `ackedUntil` holds reminders back. */
export function isReminderDue(
  incident: { readonly told_at: number; readonly acked_until: number },
  repeatEveryMs: number,
  now: number,
): boolean {
  return now >= incident.acked_until && now - incident.told_at >= repeatEveryMs
}
