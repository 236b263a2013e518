/**
 * The rule in its plainest form, over the whole history: failures that arrived after every decided success; or, if
 * the newest decided arrival is a success, the successes that arrived after the newest decided failure, counting
 * only those that arrived in the order in which they were decided.
 */
export class StreakReference {
  readonly failed = new Set<number>()
  lastSuccess = -1
  isFiring = false
  #recovering = 0

  decide(arrival: number, succeeds: boolean): void {
    if (succeeds) this.#succeed(arrival)
    else if (arrival > this.lastSuccess) {
      this.failed.add(arrival)
      this.#recovering = 0
    }
    if (!this.isFiring && this.failed.size >= 3) this.isFiring = true
    if (this.isFiring && this.failed.size === 0 && this.#recovering >= 2) this.isFiring = false
  }

  #succeed(arrival: number): void {
    const first = Math.min(...this.failed)
    const isNewest = arrival > this.lastSuccess
    if (this.failed.size > 0 && arrival < first) {
      if (isNewest) this.lastSuccess = arrival
      return
    }
    if (this.failed.size === 0) {
      if (!isNewest) return
      this.#recovering += 1
    } else {
      for (const failed of this.failed) if (failed < arrival) this.failed.delete(failed)
      this.#recovering = this.failed.size === 0 ? 1 : 0
    }
    this.lastSuccess = arrival
  }
}
