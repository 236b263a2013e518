/** One step that must happen, such as a write to the store; rejects when it has to be tried again. */
export type Step = () => Promise<void>

/**
 * Steps in a line: one at a time, in order, each until it succeeds. A failed one waits for the next `resume`, and
 * everything behind it waits too, so that an incident is never closed before it was opened.
 */
export class RetryLine {
  readonly #steps: Step[] = []
  readonly #onFailure: (error: unknown) => void
  #running: Promise<void> | undefined

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure
  }

  get length(): number {
    return this.#steps.length
  }

  add(step: Step): void {
    this.#steps.push(step)
    this.resume()
  }

  /** Tries on, unless it is under way. */
  resume(): void {
    this.#running ??= this.#run().finally(() => (this.#running = undefined))
  }

  /** Resolves when the line is empty or waits for the next `resume`. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    for (let step = this.#steps[0]; step !== undefined; step = this.#steps[0]) {
      try {
        await step()
      } catch (error) {
        this.#onFailure(error)
        return
      }
      this.#steps.shift()
    }
  }
}
