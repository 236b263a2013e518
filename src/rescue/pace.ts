import type { Clock } from '../clock.ts'

export interface PaceLimits {
  /** Under way at once. */
  readonly concurrency: number
  /** A second. */
  readonly rate: number
}

/** Share of a second's rate that may start at once after a pause. */
const BURST_SHARE = 0.1

/** How fast one target is given what waits for it: so many at once, so many a second. */
export class Pace {
  readonly #clock: Clock
  readonly #limits: () => PaceLimits
  #underWay = 0
  #tokens = 1
  #filledAt: number

  constructor(clock: Clock, limits: () => PaceLimits) {
    this.#clock = clock
    this.#limits = limits
    this.#filledAt = clock.mono()
  }

  /** Milliseconds until the next may start: 0 for now, Infinity for when one that is under way has ended. */
  get waitMs(): number {
    const { concurrency, rate } = this.#limits()
    if (this.#underWay >= concurrency) return Number.POSITIVE_INFINITY
    const now = this.#clock.mono()
    const most = Math.max(1, rate * BURST_SHARE)
    this.#tokens = Math.min(most, this.#tokens + ((now - this.#filledAt) * rate) / 1000)
    this.#filledAt = now
    return this.#tokens >= 1 ? 0 : ((1 - this.#tokens) * 1000) / rate
  }

  start(): void {
    this.#underWay++
    this.#tokens--
  }

  end(): void {
    this.#underWay--
  }
}
