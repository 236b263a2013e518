/** Long enough that its caches pay, short against what a callback may wait. */
const WORK_MS = 0.5
/** As short as a thread can sleep: Linux adds some 50 µs. */
const SLEEP_MS = 0.05
/** Whoever has rested for less than this share of the work before has no time for breaths. */
const RESTED = 0.25

/**
 * Keeps a thread that works through a batch from having its core for milliseconds at a time. Threads that the system
 * has placed behind it wait for its next tick (4 ms at 250 Hz) even while another core has nothing to do, and one of them
 * may be the one that forwards callbacks. Measured in docs/performance.md.
 */
export class Breather {
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  #beganAt = 0
  #endedAt = 0
  #since = Number.POSITIVE_INFINITY

  /** A batch is begun; outside of one `breathe` never waits. */
  begin(): void {
    const now = performance.now()
    const isRested = now - this.#endedAt >= RESTED * (this.#endedAt - this.#beganAt)
    this.#beganAt = now
    this.#since = isRested ? now : Number.POSITIVE_INFINITY
  }

  /** Between two pieces of work: lets others have the core when it is time to. */
  breathe(): void {
    if (performance.now() - this.#since < WORK_MS) return
    Atomics.wait(this.#sleeper, 0, 0, SLEEP_MS)
    this.#since = performance.now()
  }

  end(): void {
    this.#endedAt = performance.now()
    this.#since = Number.POSITIVE_INFINITY
  }
}
