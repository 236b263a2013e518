import type { Streak } from '../callback/streak.ts'

/** What can be watched. A closed set: metric label, column of incidents. */
export type Rule = 'consecutive_failures'

/** When the rules of one route fire and resolve. */
export interface Thresholds {
  /** Failures in a row that fire. */
  readonly consecutiveFailures: number
  /** Successes in a row that resolve. */
  readonly resolveAfter: number
}

/** What a rule finds: it holds, it holds no longer, or there is too little to say either. */
export type Verdict = 'bad' | 'good' | 'unclear'

/** What follows from a verdict for an alert. */
export type Signal = 'fire' | 'resolve' | 'stay'

/** Does a streak break the rule? Between the two thresholds whatever was said last stays true. */
export function judgeStreak(streak: Streak, thresholds: Thresholds): Verdict {
  if (streak.failures >= thresholds.consecutiveFailures) return 'bad'
  if (streak.failures === 0 && streak.successes >= thresholds.resolveAfter) return 'good'
  return 'unclear'
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
