/** One series of a histogram: observations per bucket, not yet added up. */
export class HistogramCells {
  readonly #bounds: readonly number[]
  /** The last cell counts what lies above every bound. */
  readonly #counts: Float64Array
  /** The newest callback of each bucket; undefined where the exposition holds none. */
  readonly #exemplars: (Exemplar | undefined)[] | undefined
  #sum = 0

  constructor(bounds: readonly number[], hasExemplars = false) {
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
    this.#exemplars = hasExemplars ? Array.from({ length: bounds.length + 1 }) : undefined
  }

  /** @param callbackId of the callback that was measured, for the exemplar of its bucket */
  observe(value: number, callbackId = ''): void {
    let index = 0
    while (index < this.#bounds.length && value > (this.#bounds[index] ?? 0)) index += 1
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#sum += value
    if (this.#exemplars !== undefined && callbackId !== '') {
      this.#exemplars[index] = { callbackId, value, at: Date.now() }
    }
  }

  /** Appends the lines of this series; `labels` is the inside of the braces. */
  write(name: string, labels: string, out: string[]): void {
    let total = 0
    for (const [index, count] of this.#counts.entries()) {
      total += count
      const bound = this.#boundText(this.#bounds[index])
      out.push(`${name}_bucket{${labels},le="${bound}"} ${total}${this.#exemplarText(index)}\n`)
    }
    out.push(`${name}_sum{${labels}} ${this.#sum}\n`, `${name}_count{${labels}} ${total}\n`)
  }

  /** OpenMetrics wants a point in every bound. */
  #boundText(bound: number | undefined): string {
    if (bound === undefined) return '+Inf'
    return this.#exemplars !== undefined && Number.isInteger(bound) ? bound.toFixed(1) : String(bound)
  }

  /** Source: OpenMetrics 1.0, "Exemplars"; label names and values together stay far below its 128 characters. */
  #exemplarText(index: number): string {
    const exemplar = this.#exemplars?.[index]
    if (exemplar === undefined) return ''
    return ` # {callback_id="${exemplar.callbackId}"} ${exemplar.value} ${exemplar.at / 1000}`
  }
}

interface Exemplar {
  readonly callbackId: string
  readonly value: number
  /** Milliseconds since the epoch. */
  readonly at: number
}
