import type { Clock } from '../../src/clock.ts'

/** A clock that stands still until it is moved. */
export class HeldClock implements Clock {
  #now: number
  #setBy = 0

  constructor(startMs = Date.UTC(2026, 10, 23, 15, 0, 0)) {
    this.#now = startMs
  }

  wall(): number {
    return this.#now + this.#setBy
  }

  mono(): number {
    return this.#now
  }

  advance(ms: number): void {
    this.#now += ms
  }

  /** The wall clock is set: it alone jumps. */
  setBy(ms: number): void {
    this.#setBy += ms
  }
}
