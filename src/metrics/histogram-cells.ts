import { histogram } from './route-layout.ts'
import type { Exemplar, Slab } from './slab.ts'
import { answerBuckets } from './table.ts'

const { sum, counts } = histogram.at

/** One series of a histogram of times: observations per bucket, not yet added up. */
export class HistogramCells {
  readonly #slab: Slab
  readonly #at: number

  constructor(slab: Slab, at: number) {
    this.#slab = slab
    this.#at = at
  }

  /** @param callbackId of the callback that was measured, for the exemplar of its bucket */
  observe(seconds: number, callbackId = ''): void {
    let index = 0
    while (index < answerBuckets.length && seconds > (answerBuckets[index] ?? 0)) index += 1
    const bucket = this.#at + counts + index
    this.#slab.add(bucket)
    this.#slab.add(this.#at + sum, seconds)
    if (callbackId !== '') this.#slab.exemplars?.set(bucket, { callbackId, value: seconds, at: Date.now() })
  }

  /** All observations. */
  get count(): number {
    const first = this.#at + counts
    return this.#slab.cells
      .subarray(first, first + answerBuckets.length + 1)
      .reduce((one, more) => one + more)
  }

  /** Appends the lines of this series; `labels` is the inside of the braces. */
  write(name: string, labels: string, out: string[]): void {
    const { cells, exemplars } = this.#slab
    let total = 0
    for (let index = 0; index <= answerBuckets.length; index += 1) {
      const bucket = this.#at + counts + index
      total += cells[bucket] ?? 0
      const bound = boundText(answerBuckets[index], exemplars !== undefined)
      out.push(`${name}_bucket{${labels},le="${bound}"} ${total}${exemplarText(exemplars?.get(bucket))}\n`)
    }
    out.push(`${name}_sum{${labels}} ${cells[this.#at + sum] ?? 0}\n`, `${name}_count{${labels}} ${total}\n`)
  }
}

/** OpenMetrics wants a point in every bound. */
function boundText(bound: number | undefined, isOpenMetrics: boolean): string {
  if (bound === undefined) return '+Inf'
  return isOpenMetrics && Number.isInteger(bound) ? bound.toFixed(1) : String(bound)
}

/** Source: OpenMetrics 1.0, "Exemplars"; label names and values together stay far below its 128 characters. */
function exemplarText(exemplar: Exemplar | undefined): string {
  if (exemplar === undefined) return ''
  return ` # {callback_id="${exemplar.callbackId}"} ${exemplar.value} ${exemplar.at / 1000}`
}
