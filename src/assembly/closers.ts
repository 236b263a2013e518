/** Ends parts in the reverse order of their making. */
export class Closers {
  readonly #closers: (() => Promise<void> | void)[] = []

  add(closer: () => Promise<void> | void): void {
    this.#closers.push(closer)
  }

  async close(): Promise<void> {
    for (const closer of this.#closers.splice(0).toReversed()) await closer()
  }
}
