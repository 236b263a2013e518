import type { Clock } from './clock.ts'

/** What a wheel may call when its time has come. At most one time limit each. */
export abstract class Timed {
  /** Neighbours in the slot of the wheel, and the tick on which it is due; of no concern to anybody else. */
  previous: Timed | undefined
  next: Timed | undefined
  dueTick = NEVER

  abstract onTimer(): void
}

const NEVER = -1
/** What is due is called no later than this after its time, milliseconds. */
const TICK_MS = 10
/** A power of two. Limits beyond one turn of the wheel stay in their slot for further turns. */
const SLOTS = 512

/**
 * Time limits for what nearly always ends before its time (a hashed timing wheel): setting and clearing one is a few
 * assignments, where a timer of Node's is an object in a list in a queue.
 */
export class TimerWheel {
  readonly #clock: Clock
  readonly #slots: (Timed | undefined)[] = Array.from({ length: SLOTS })
  #count = 0
  /** The last tick whose slot was looked at. */
  #tick = 0
  #timer: NodeJS.Timeout | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls it once at a moment of the monotonic clock, in place of what was set before. */
  set(timed: Timed, at: number): void {
    this.clear(timed)
    if (this.#timer === undefined) {
      this.#tick = Math.floor(this.#clock.mono() / TICK_MS)
      this.#wind()
    }
    timed.dueTick = Math.max(this.#tick + 1, Math.ceil(at / TICK_MS))
    const slot = timed.dueTick & (SLOTS - 1)
    const first = this.#slots[slot]
    timed.next = first
    if (first !== undefined) first.previous = timed
    this.#slots[slot] = timed
    this.#count++
  }

  /** It will not be called. */
  clear(timed: Timed): void {
    if (timed.dueTick === NEVER) return
    const { previous, next } = timed
    if (previous === undefined) this.#slots[timed.dueTick & (SLOTS - 1)] = next
    else previous.next = next
    if (next !== undefined) next.previous = previous
    timed.previous = undefined
    timed.next = undefined
    timed.dueTick = NEVER
    this.#count--
  }

  #turn(): void {
    const now = Math.floor(this.#clock.mono() / TICK_MS)
    const due: Timed[] = []
    for (let tick = Math.max(this.#tick, now - SLOTS) + 1; tick <= now; tick++) {
      for (let timed = this.#slots[tick & (SLOTS - 1)]; timed !== undefined; timed = timed.next) {
        if (timed.dueTick <= now) due.push(timed)
      }
    }
    this.#tick = Math.max(this.#tick, now)
    // One that is called may clear or set others.
    for (const timed of due) {
      if (timed.dueTick === NEVER || timed.dueTick > now) continue
      this.clear(timed)
      timed.onTimer()
    }
    this.#timer = undefined
    if (this.#count > 0) this.#wind()
  }

  #wind(): void {
    this.#timer = setTimeout(() => this.#turn(), TICK_MS - (this.#clock.mono() % TICK_MS))
  }
}
