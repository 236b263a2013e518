import type { Clock } from '../clock.ts'

/** Rings once, at the earliest moment that was asked for. */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #timer: NodeJS.Timeout | undefined
  /** Monotonic time that the timer is set to. */
  #at = Number.POSITIVE_INFINITY
  #isStopped = false

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** After so many milliseconds at the latest. */
  within(ms: number): void {
    const at = this.#clock.mono() + Math.max(1, ms)
    if (at >= this.#at || this.#isStopped) return
    this.#at = at
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        this.#at = Number.POSITIVE_INFINITY
        this.#ring()
      },
      Math.max(1, ms),
    )
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }
}
