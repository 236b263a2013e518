/** Rows that nobody waits for are seen to within this time, milliseconds. */
const BACKGROUND_MS = 20
/** Least time between two batches while commits are faster than this; slower commits gather rows by themselves. */
const GATHER_MS = 1

/**
 * Decides when the rows gathered so far are sent: in the same turn of the event loop at the earliest, so that what
 * arrived together is committed together.
 */
export class SendTimer {
  readonly #send: () => void
  readonly #gathered: () => void
  #immediate: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined
  #isUrgent = false
  #sentAt = 0

  /**
   * @param send called when somebody waits
   * @param gathered called when rows that nobody waits for have gathered for a while
   */
  constructor(send: () => void, gathered: () => void = send) {
    this.#send = send
    this.#gathered = gathered
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
    this.#timer ??= setTimeout(this.#over, BACKGROUND_MS)
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

  readonly #over = (): void => {
    this.stop()
    this.#gathered()
  }
}
