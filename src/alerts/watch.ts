import type { Attempt } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import { foldStreak, noStreak, type Streak } from '../callback/streak.ts'
import type { Voter } from '../callback/vote.ts'
import type { FailureRow } from '../ledger/alert-store.ts'
import { excerptOf } from './messages/excerpt.ts'

/** How many failed attempts are kept for the message. */
const RECENT = 3

/** What is known of one target on one route: its streak, and the attempts that a message shows. */
export interface Watch {
  readonly route: string
  /** What the streak is counted for: the role of the target; see callback/streak-key.ts. */
  readonly target: string
  readonly label: string
  readonly streak: Streak
  readonly first: FailureRow | null
  /** The newest RECENT failures of the streak, oldest first. */
  readonly recent: readonly FailureRow[]
  /** The newest answer that was good, since the start. */
  readonly lastGood?: GoodAnswer
}

interface GoodAnswer {
  readonly at: number
  readonly status: number
  readonly ms: number
  readonly bytes: number
}

export function newWatch(route: string, target: string, label: string): Watch {
  return { route, target, label, streak: noStreak, first: null, recent: [] }
}

/** The watch after one more callback succeeded. */
export function withSuccess(before: Watch, callbackId: string, attempt: Attempt): Watch {
  const { startedAt, status, phases, reply } = attempt
  const lastGood = { at: startedAt, status, ms: phases.total, bytes: reply?.body.length ?? 0 }
  const watch = { ...before, lastGood }
  const streak = foldStreak(watch.streak, callbackId, true)
  if (streak.failures === watch.streak.failures) return { ...watch, streak }
  const recent = watch.recent.filter((failure) => streak.failedIds.includes(failure.callback_id))
  return { ...watch, streak, recent, first: recent[0] ?? null }
}

/** The watch after one more callback failed. */
export function withFailure(watch: Watch, failure: FailureRow): Watch {
  const streak = foldStreak(watch.streak, failure.callback_id, false)
  if (streak.failures === watch.streak.failures) return { ...watch, streak }
  return {
    ...watch,
    streak,
    first: watch.first === null || streak.firstFailureId === failure.callback_id ? failure : watch.first,
    recent: [...watch.recent, failure].slice(-RECENT),
  }
}

/** Ids of the failures that a message wants to show: the first of the streak and the newest ones. */
export function shownIds({ firstFailureId, failedIds }: Streak): string[] {
  if (firstFailureId === '') return []
  return [...new Set([firstFailureId, ...failedIds.slice(-RECENT)])]
}

export function voterOf({ callback, facts, duplicateOf }: Exchange, attempt: Attempt): Voter {
  const { via, number, outcome } = attempt
  const { isProbe } = facts
  return { callbackId: callback.id, duplicateOf: duplicateOf ?? '', isProbe, via, number, outcome }
}

export function failureOf(callbackId: string, exchange: Exchange, attempt: Attempt): FailureRow {
  return {
    callback_id: callbackId,
    call_id: exchange.facts.callId,
    event: exchange.facts.event,
    at: attempt.startedAt,
    outcome: attempt.outcome,
    status: attempt.status,
    ms: Number.isFinite(attempt.phases.total) ? attempt.phases.total : null,
    error: attempt.error,
    ...(attempt.reply && { excerpt: excerptOf(attempt.reply.body), bytes: attempt.reply.body.length }),
  }
}
