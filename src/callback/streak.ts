/**
 * Consecutive failures of one target on one route, in arrival order. Ids of callbacks are time-ordered,
 * so comparing ids compares arrivals.
 */
export interface Streak {
  /** Failed callbacks that arrived after the last success. */
  readonly failures: number
  /** Successes since the last failure, each of which arrived after the one before; capped. What `resolve_after` counts. */
  readonly successes: number
  /** The newest arrival that succeeded, or empty. */
  readonly lastSuccessId: string
  /** Ids of the failures of the streak, oldest first; only the newest MEMORY of them. */
  readonly failedIds: readonly string[]
  /** Id of the first failure of the streak, or empty. */
  readonly firstFailureId: string
}

/** The streak of one target of one route. */
export interface StreakRow {
  readonly route: string
  readonly target: string
  readonly streak: Streak
}

/** How many failing ids are remembered one by one; a success that arrived among older ones ends the streak before it. */
export const MEMORY = 64
/** Successes are counted no further. */
export const SUCCESS_CAP = 1000

export const noStreak: Streak = {
  failures: 0,
  successes: 0,
  lastSuccessId: '',
  failedIds: [],
  firstFailureId: '',
}

/**
 * The streak after one more callback was decided. Decisions may come in any order: a failure that arrived
 * before the last success does not count, and a success that arrived before the outage does not end it.
 * The same callback decided twice (a repeat by the provider) counts once.
 */
export function foldStreak(streak: Streak, callbackId: string, succeeded: boolean): Streak {
  return succeeded ? withSuccess(streak, callbackId) : withFailure(streak, callbackId)
}

function withFailure(streak: Streak, id: string): Streak {
  if (id <= streak.lastSuccessId || streak.failedIds.includes(id)) return streak
  const at = streak.failedIds.findLastIndex((known) => known < id) + 1
  const failedIds = streak.failedIds.toSpliced(at, 0, id)
  if (failedIds.length > MEMORY) failedIds.shift()
  return {
    failures: streak.failures + 1,
    successes: 0,
    lastSuccessId: streak.lastSuccessId,
    failedIds,
    firstFailureId: streak.firstFailureId === '' || id < streak.firstFailureId ? id : streak.firstFailureId,
  }
}

function withSuccess(streak: Streak, id: string): Streak {
  const isNewest = id > streak.lastSuccessId
  if (streak.failures === 0) {
    // Only one that arrived after the last counts towards recovery: an older one may be from before the outage.
    if (!isNewest) return streak
    // Field by field: with each callback of a healthy handler, and a spread takes half a microsecond.
    return {
      failures: 0,
      successes: Math.min(streak.successes + 1, SUCCESS_CAP),
      lastSuccessId: id,
      failedIds: streak.failedIds,
      firstFailureId: streak.firstFailureId,
    }
  }
  if (id < streak.firstFailureId) {
    // Arrived before the outage and does not end it, but failures from before it do not count any more.
    return isNewest ? { ...streak, lastSuccessId: id } : streak
  }
  const failedIds = streak.failedIds.filter((failed) => failed > id)
  return {
    failures: failedIds.length,
    successes: failedIds.length === 0 ? 1 : 0,
    lastSuccessId: id,
    failedIds,
    firstFailureId: failedIds[0] ?? '',
  }
}
