import type { Role } from '../callback/route.ts'
import { HistogramCells } from './histogram-cells.ts'
import { attemptResults, outcomeLabels } from './labels.ts'
import { failures, target } from './route-layout.ts'
import type { Slab } from './slab.ts'

const OK = outcomeLabels.values.indexOf('ok')
const SUCCESS = attemptResults.values.indexOf('success')

export type TargetGauge = 'streak' | 'lastSuccess' | 'isBreakerOpen' | 'certificateExpiry'

/** The numbers of one target of a route: a view of its block. Labels are given as indices in their closed sets. */
export class TargetCells {
  readonly role: Role
  readonly #slab: Slab
  readonly #base: number

  constructor(role: Role, slab: Slab, base: number) {
    this.role = role
    this.#slab = slab
    this.#base = base
  }

  get(gauge: TargetGauge): number {
    return this.#slab.read(this.#base + target.at[gauge])
  }

  set(gauge: TargetGauge, value: number): void {
    this.#slab.cells[this.#base + target.at[gauge]] = value
  }

  attempted(outcome: number): void {
    if (outcome === OK) this.#slab.add(this.#base + target.at.succeeded)
    else this.#slab.add(this.#newFailures() + failures.at.outcomes + outcome)
  }

  attempts(outcome: number): number {
    if (outcome === OK) return this.#slab.read(this.#base + target.at.succeeded)
    return this.#slab.read(this.#failures + failures.at.outcomes + outcome)
  }

  took(result: number, seconds: number, callbackId?: string): void {
    if (result !== SUCCESS) this.#newFailures()
    this.durations(result).observe(seconds, callbackId)
  }

  durations(result: number): HistogramCells {
    const at = result === SUCCESS ? this.#base + target.at.durations : this.#failures + failures.at.durations
    return new HistogramCells(this.#slab, at)
  }

  /** 0, where nothing is counted, while no attempt failed. */
  get #failures(): number {
    return this.#slab.read(this.#base + target.at.failures)
  }

  #newFailures(): number {
    return this.#slab.linked(this.#base + target.at.failures, failures)
  }
}
