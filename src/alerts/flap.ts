/** When an alert counts as flapping, and what it takes to be over then. */
export interface FlapSettings {
  readonly fires: number
  readonly withinMs: number
  readonly holdMs: number
}

/** Holds back the end of an alert that comes and goes. One object for one place of one rule. */
export class FlapGuard {
  #fires: number[] = []
  #goodSince: number | undefined

  fired(at: number, { withinMs }: FlapSettings): void {
    this.#fires = [...this.#fires.filter((each) => at - each < withinMs), at]
    this.#goodSince = undefined
  }

  isFlapping({ fires }: FlapSettings): boolean {
    return this.#fires.length >= fires
  }

  /** It is not well, or not clearly so. */
  unsettled(): void {
    this.#goodSince = undefined
  }

  /** It is well: may the alert be over? A flapping one must have been well for a while. */
  mayResolve(now: number, settings: FlapSettings): boolean {
    // Not ahead of a clock that was set back: it would be held until the clock has caught up.
    this.#goodSince = Math.min(this.#goodSince ?? now, now)
    return !this.isFlapping(settings) || now - this.#goodSince >= settings.holdMs
  }
}
