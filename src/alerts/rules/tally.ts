import type { Clock } from '../../clock.ts'

/** What is counted of a route. */
export const counters = ['callbacks', 'failed', 'slow', 'missed', 'byFallback', 'refused'] as const
export type Counter = (typeof counters)[number]
export type Counts = Readonly<Record<Counter, number>>

/** Long enough for the longest window that can be set, with one bucket to spare. */
const BUCKET_MS = 30_000
const BUCKETS = 121
export const LONGEST_WINDOW_MS = BUCKET_MS * (BUCKETS - 1)

const placeOf: Counts = { callbacks: 0, failed: 1, slow: 2, missed: 3, byFallback: 4, refused: 5 }

/** Counters of one route over the last hour, in buckets of half a minute; a few kilobytes, whatever the traffic. */
export class Tally {
  readonly #clock: Pick<Clock, 'wall'>
  readonly #cells = new Uint32Array(BUCKETS * counters.length)
  readonly #starts = new Float64Array(BUCKETS)
  /** When something other than a callback was counted last. */
  troubledAt = -Infinity

  constructor(clock: Pick<Clock, 'wall'>) {
    this.#clock = clock
  }

  add(counter: Counter, at: number, amount = 1): void {
    const number = Math.floor(at / BUCKET_MS)
    const bucket = number % BUCKETS
    const first = bucket * counters.length
    const start = this.#starts[bucket] ?? 0
    // Older than anything that is still asked for, unless what stands there was counted before the clock was set back.
    if (start > number && start * BUCKET_MS <= this.#clock.wall()) return
    if (start !== number) {
      this.#starts[bucket] = number
      this.#cells.fill(0, first, first + counters.length)
    }
    if (counter !== 'callbacks' && amount > 0 && at > this.troubledAt) this.troubledAt = at
    const cell = first + placeOf[counter]
    this.#cells[cell] = (this.#cells[cell] ?? 0) + amount
  }

  /** Sums from `now - windowMs`, the oldest bucket whole. */
  over(windowMs: number, now: number): Counts {
    const sums = { callbacks: 0, failed: 0, slow: 0, missed: 0, byFallback: 0, refused: 0 }
    const last = Math.floor(now / BUCKET_MS)
    for (let number = Math.floor((now - windowMs) / BUCKET_MS); number <= last; number++) {
      const bucket = number % BUCKETS
      if (this.#starts[bucket] !== number) continue
      const first = bucket * counters.length
      for (const counter of counters) sums[counter] += this.#cells[first + placeOf[counter]] ?? 0
    }
    return sums
  }
}
