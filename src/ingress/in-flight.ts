export interface InFlightLimits {
  /** Callbacks under way at once. */
  readonly callbacks: number
  /** Bytes of their bodies; a body that is larger by itself is taken when nothing else is under way. */
  readonly bytes: number
}

/** Of the bytes for callbacks under way, how much more may be held for bodies that are still arriving. */
const ARRIVING_SHARE = 0.25

/**
 * Counts callbacks that are under way, with their bytes, and wakes whoever waits for the last of them. A request whose body
 * is still arriving is not under way yet: whoever never finishes one must not take the place of those who do.
 */
export class InFlight {
  readonly #limits: InFlightLimits
  readonly #changed: (change: 1 | -1) => void
  readonly #waiters: (() => void)[] = []
  #count = 0
  #bytes = 0
  #arriving = 0
  #arrivingBytes = 0

  constructor(limits: InFlightLimits, changed: (change: 1 | -1) => void) {
    this.#limits = limits
    this.#changed = changed
  }

  get count(): number {
    return this.#count
  }

  /** Is there no room for one more callback with so many bytes? */
  isFull(bytes: number): boolean {
    const { callbacks, bytes: most } = this.#limits
    return this.#count >= callbacks || (this.#count > 0 && this.#bytes + bytes > most)
  }

  /** A request has begun to arrive. */
  begin(): void {
    this.#arriving++
  }

  /** More of a body arrived; false when those that are still arriving hold too much. */
  grow(bytes: number): boolean {
    this.#arrivingBytes += bytes
    return this.#arrivingBytes <= this.#limits.bytes * ARRIVING_SHARE
  }

  /**
   * A request has arrived, or never will.
   *
   * @param grown bytes that it was told to have grown by
   */
  ended(grown = 0): void {
    this.#arriving--
    this.#arrivingBytes -= grown
    this.#wake()
  }

  enter(bytes: number): void {
    this.#count++
    this.#bytes += bytes
    this.#changed(1)
  }

  leave(bytes: number): void {
    this.#count--
    this.#bytes -= bytes
    this.#changed(-1)
    this.#wake()
  }

  /** Resolves when none is under way or arriving, at the latest after `limitMs`. */
  async idle(limitMs: number): Promise<void> {
    if (this.#isIdle()) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const limit = setTimeout(resolve, limitMs)
    this.#waiters.push(resolve)
    await promise
    clearTimeout(limit)
  }

  #isIdle(): boolean {
    return this.#count === 0 && this.#arriving === 0
  }

  #wake(): void {
    if (this.#waiters.length === 0 || !this.#isIdle()) return
    for (const wake of this.#waiters.splice(0)) wake()
  }
}
