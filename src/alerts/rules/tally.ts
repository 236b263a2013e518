import type { Clock } from '../../clock.ts'

/** What is counted of a route. */
export const counters = ['callbacks', 'failed', 'slow', 'missed', 'byFallback', 'refused'] as const
export type Counter = (typeof counters)[number]
export type Counts = Readonly<Record<Counter, number>>

/** Long enough for the longest window that can be set, with one bucket to spare. */
const BUCKET_MS = 30_000
const BUCKETS = 121
export const LONGEST_WINDOW_MS = BUCKET_MS * (BUCKETS - 1)

/** Tallies that share one piece of memory. */
const SHARERS = 32
/** Of each bucket: its number, counted from the epoch, and its callbacks. */
const WORDS = 2

/** Troubles are rare: a tally has cells of its own for them from the first one on. */
const troubles = ['failed', 'slow', 'missed', 'byFallback', 'refused'] as const satisfies readonly Counter[]
const troublePlace = { failed: 0, slow: 1, missed: 2, byFallback: 3, refused: 4 } as const

/**
 * Memory of some tallies. By bucket and then by tally: what callbacks of many routes count within half a minute lies
 * together, where by tally each would touch memory that nothing else does.
 */
class Shelf {
  readonly words = new Uint32Array(BUCKETS * SHARERS * WORDS)
  /** When each was troubled last, and when each last had a sign of life. Fields of objects would be made anew with each callback. */
  readonly times = new Float64Array(SHARERS * 2).fill(-Infinity)
}

/** Counters of one route over the last hour, in buckets of half a minute; a kilobyte, whatever the traffic. */
export class Tally {
  readonly #clock: Pick<Clock, 'wall'>
  readonly #words: Uint32Array
  readonly #times: Float64Array
  readonly #place: number
  #troubles: Uint32Array | undefined

  constructor(clock: Pick<Clock, 'wall'>, shelf: Shelf, place: number) {
    this.#clock = clock
    this.#words = shelf.words
    this.#times = shelf.times
    this.#place = place
  }

  add(counter: Counter, at: number, amount = 1): void {
    if (amount === 0) return
    const number = Math.floor(at / BUCKET_MS)
    const bucket = number % BUCKETS
    const first = this.#wordOf(bucket)
    const start = this.#words[first] ?? 0
    // Older than anything that is still asked for, unless what stands there was counted before the clock was set back.
    if (start > number && start * BUCKET_MS <= this.#clock.wall()) return
    if (start !== number) {
      this.#words[first] = number
      this.#words[first + 1] = 0
      this.#troubles?.fill(0, bucket * troubles.length, (bucket + 1) * troubles.length)
    }
    if (counter === 'callbacks') {
      this.#words[first + 1] = (this.#words[first + 1] ?? 0) + amount
      return
    }
    if (at > this.troubledAt) this.#times[this.#place * 2] = at
    this.#troubles ??= new Uint32Array(BUCKETS * troubles.length)
    const cell = bucket * troubles.length + troublePlace[counter]
    this.#troubles[cell] = (this.#troubles[cell] ?? 0) + amount
  }

  /** Sums from `now - windowMs`, the oldest bucket whole. */
  over(windowMs: number, now: number): Counts {
    const sums = { callbacks: 0, failed: 0, slow: 0, missed: 0, byFallback: 0, refused: 0 }
    const last = Math.floor(now / BUCKET_MS)
    for (let number = Math.floor((now - windowMs) / BUCKET_MS); number <= last; number++) {
      const bucket = number % BUCKETS
      const first = this.#wordOf(bucket)
      if (this.#words[first] !== number) continue
      sums.callbacks += this.#words[first + 1] ?? 0
      if (this.#troubles === undefined) continue
      for (const trouble of troubles)
        sums[trouble] += this.#troubles[bucket * troubles.length + troublePlace[trouble]] ?? 0
    }
    return sums
  }

  /** When something other than a callback was counted last; -Infinity for never. */
  get troubledAt(): number {
    return this.#times[this.#place * 2] ?? -Infinity
  }

  /** The newest callback that counts as a sign of life; -Infinity for none. */
  get aliveAt(): number {
    return this.#times[this.#place * 2 + 1] ?? -Infinity
  }

  /** There was a sign of life. */
  live(at: number): void {
    if (at > this.aliveAt) this.#times[this.#place * 2 + 1] = at
  }

  /** A sign of life that lies ahead of a clock that was set back is one of now. */
  follow(now: number): void {
    if (this.aliveAt > now) this.#times[this.#place * 2 + 1] = now
  }

  /** Nothing was ever counted: it is for another route from now on. */
  clear(): void {
    for (let bucket = 0; bucket < BUCKETS; bucket += 1)
      this.#words.fill(0, this.#wordOf(bucket), this.#wordOf(bucket) + WORDS)
    this.#times.fill(-Infinity, this.#place * 2, this.#place * 2 + 2)
    this.#troubles = undefined
  }

  #wordOf(bucket: number): number {
    return (bucket * SHARERS + this.#place) * WORDS
  }
}

/** The tallies of many routes. */
export class Tallies {
  readonly #clock: Pick<Clock, 'wall'>
  readonly #spare: Tally[] = []

  constructor(clock: Pick<Clock, 'wall'>) {
    this.#clock = clock
  }

  take(): Tally {
    const spare = this.#spare.pop()
    if (spare !== undefined) return spare
    const shelf = new Shelf()
    for (let place = SHARERS - 1; place > 0; place -= 1) this.giveBack(new Tally(this.#clock, shelf, place))
    return new Tally(this.#clock, shelf, 0)
  }

  /** Call for a route that is gone; nobody may hold its tally any more. */
  giveBack(tally: Tally): void {
    tally.clear()
    this.#spare.push(tally)
  }
}
