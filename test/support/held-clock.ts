import type { Clock } from '../../src/clock.ts'

/** A clock that stands still until it is moved. */
export class HeldClock implements Clock {
  #now: number
  /** How far the wall clock was set back. */
  #behind = 0

  constructor(startMs = Date.UTC(2026, 10, 23, 15, 0, 0)) {
    this.#now = startMs
  }

  wall(): number {
    return this.#now - this.#behind
  }

  mono(): number {
    return this.#now
  }

  advance(ms: number): void {
    this.#now += ms
  }

  /** Somebody sets the wall clock; what has passed stays as it is. */
  setBack(ms: number): void {
    this.#behind += ms
  }
}
