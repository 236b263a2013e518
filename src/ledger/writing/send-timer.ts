/** Rows that nobody waits for are committed within this time, milliseconds. */
const BACKGROUND_MS = 20
/** Least time between two batches while commits are faster than this; slower commits gather rows by themselves. */
const GATHER_MS = 1

/**
 * Decides when the rows gathered so far are sent: in the same turn of the event loop at the earliest, so that what
 * arrived together is committed together.
 */
export class SendTimer {
  readonly #send: () => void
  #immediate: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined
  #isUrgent = false
  #sentAt = 0

  constructor(send: () => void) {
    this.#send = send
  }

  /** Somebody waits. */
  urgent(): void {
    if (this.#isUrgent) return
    this.#isUrgent = true
    clearTimeout(this.#timer)
    const sinceMs = performance.now() - this.#sentAt
    if (sinceMs >= GATHER_MS) this.#immediate = setImmediate(this.#fire)
    else this.#timer = setTimeout(this.#fire, GATHER_MS)
  }

  background(): void {
    this.#timer ??= setTimeout(this.#fire, BACKGROUND_MS)
  }

  /** Takes back what was planned. */
  stop(): void {
    clearImmediate(this.#immediate)
    clearTimeout(this.#timer)
    this.#immediate = undefined
    this.#timer = undefined
    this.#isUrgent = false
  }

  readonly #fire = (): void => {
    this.stop()
    this.#sentAt = performance.now()
    this.#send()
  }
}
