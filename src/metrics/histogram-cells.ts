/** One series of a histogram: observations per bucket, not yet added up. */
export class HistogramCells {
  readonly #bounds: readonly number[]
  /** The last cell counts what lies above every bound. */
  readonly #counts: Float64Array
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    let index = 0
    while (index < this.#bounds.length && value > (this.#bounds[index] ?? 0)) index += 1
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#sum += value
  }

  /** Appends the lines of this series; `labels` is the inside of the braces. */
  write(name: string, labels: string, out: string[]): void {
    let total = 0
    for (const [index, count] of this.#counts.entries()) {
      total += count
      const bound = this.#bounds[index]
      out.push(`${name}_bucket{${labels},le="${bound ?? '+Inf'}"} ${total}\n`)
    }
    out.push(`${name}_sum{${labels}} ${this.#sum}\n`, `${name}_count{${labels}} ${total}\n`)
  }
}
