/** Counts callbacks that are under way, and wakes whoever waits for the last of them. */
export class InFlight {
  readonly #changed: (change: 1 | -1) => void
  readonly #waiters: (() => void)[] = []
  #count = 0

  constructor(changed: (change: 1 | -1) => void) {
    this.#changed = changed
  }

  get count(): number {
    return this.#count
  }

  enter(): void {
    this.#count++
    this.#changed(1)
  }

  leave(): void {
    this.#count--
    this.#changed(-1)
    if (this.#count > 0) return
    for (const wake of this.#waiters.splice(0)) wake()
  }

  /** Resolves when none is under way, at the latest after `limitMs`. */
  async idle(limitMs: number): Promise<void> {
    if (this.#count === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const limit = setTimeout(resolve, limitMs)
    this.#waiters.push(resolve)
    await promise
    clearTimeout(limit)
  }
}
