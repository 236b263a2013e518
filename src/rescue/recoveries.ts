import type { Attempt } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import type { Clock } from '../clock.ts'

/** Failures in a row after which the next success is a recovery. */
const OUTAGE_FAILURES = 3
/** A route that recovers again and again hurries its callbacks ever more seldom, so that none uses up its retries. */
const FIRST_GAP_MS = 10_000
const LONGEST_GAP_MS = 3_600_000

interface State {
  failures: number
  recoveredAt: number
  gapMs: number
  /** Callbacks that were last tried before then are due, whatever their schedule says. */
  hurriedBefore: number | undefined
}

/** Notices that the handler of a route takes callbacks again, so that what waits for hours is not left waiting. */
export class Recoveries {
  readonly #clock: Clock
  readonly #routes = new Map<string, State>()
  /** Told at once of every recovery. */
  onRecovery: () => void = () => undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  attempted({ route }: Pick<Exchange, 'route'>, { outcome }: Pick<Attempt, 'outcome'>): void {
    const state = this.#routes.get(route.id)
    if (outcome !== 'ok') {
      if (state === undefined) this.#routes.set(route.id, { failures: 1, ...calm })
      else state.failures++
      return
    }
    if (state === undefined) return
    const wasOut = state.failures >= OUTAGE_FAILURES
    state.failures = 0
    if (wasOut) this.#recovered(state)
  }

  /** What became of a callback says no more than its attempts. */
  settled(): void {}

  /** For `Wanted.triedBefore`. */
  hurriedBefore(route: string): number | undefined {
    return this.#routes.get(route)?.hurriedBefore
  }

  /** Nothing is left to hurry. */
  caughtUp(route: string): void {
    const state = this.#routes.get(route)
    if (state !== undefined) state.hurriedBefore = undefined
  }

  /** Nothing waits any more: the next recovery counts at once. */
  emptied(route: string): void {
    this.#routes.delete(route)
  }

  #recovered(state: State): void {
    const now = this.#clock.wall()
    if (now - state.recoveredAt < state.gapMs) return
    state.recoveredAt = now
    state.gapMs = Math.min(Math.max(FIRST_GAP_MS, state.gapMs * 2), LONGEST_GAP_MS)
    state.hurriedBefore = now
    this.onRecovery()
  }
}

const calm = { recoveredAt: 0, gapMs: 0, hurriedBefore: undefined } as const
