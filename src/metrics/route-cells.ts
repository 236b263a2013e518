import type { Role } from '../callback/route.ts'
import { HistogramCells } from './histogram-cells.ts'
import { codes, results, verdicts } from './labels.ts'
import { histogram, received, RECEIVED_PAIRS, route, target, trouble } from './route-layout.ts'
import type { Slab } from './slab.ts'
import { TargetCells } from './target-cells.ts'

const DELIVERED = results.values.indexOf('delivered')
const CODE_200 = codes.values.indexOf('200')

export type RouteGauge = 'lastReceived' | 'rescueLength' | 'deadLetters'
/** What a healthy route never counts. */
export type RareCounter = 'deadlineMisses' | 'answerFaults' | 'signatureFailures'

/** How often an event came with a verdict. */
export interface Received {
  readonly event: number
  readonly verdict: number
  readonly count: number
}

/** The numbers of one route: a view of its block, made when it is needed. Labels are given as indices in their closed sets. */
export class RouteCells {
  readonly #slab: Slab
  readonly #base: number

  constructor(slab: Slab, base: number) {
    this.#slab = slab
    this.#base = base
  }

  get(gauge: RouteGauge): number {
    return this.#slab.read(this.#base + route.at[gauge])
  }

  set(gauge: RouteGauge, value: number): void {
    this.#slab.cells[this.#base + route.at[gauge]] = value
  }

  /** A route that is not told to has no series of faults in answers. */
  get judgesAnswers(): boolean {
    return this.#slab.read(this.#base + route.at.judgesAnswers) !== 0
  }

  set judgesAnswers(value: boolean) {
    this.#slab.cells[this.#base + route.at.judgesAnswers] = value ? 1 : 0
  }

  /** A role that is neither configured nor used has no series, and is not among `targets`. */
  target(role: Role): TargetCells {
    if (role === 'fallback')
      return new TargetCells(role, this.#slab, this.#slab.linked(this.#base + route.at.fallback, target))
    this.#slab.cells[this.#base + route.at.hasPrimary] = 1
    return new TargetCells(role, this.#slab, this.#base + route.at.primary)
  }

  get targets(): readonly TargetCells[] {
    const has = (part: 'hasPrimary' | 'fallback') => this.#slab.read(this.#base + route.at[part]) !== 0
    return [
      ...(has('hasPrimary') ? [this.target('primary')] : []),
      ...(has('fallback') ? [this.target('fallback')] : []),
    ]
  }

  /** @param times 0 for a series that stands there before its first request */
  receive(event: number, verdict: number, times = 1): void {
    this.#slab.add(this.#countOf(1 + event * verdicts.values.length + verdict), times)
  }

  /** Where the count of a key stands; what comes every day was seen early, and so is found early. */
  #countOf(key: number): number {
    let block = this.#base + route.at.received
    for (;;) {
      const { cells } = this.#slab
      const end = block + received.at.pairs + 2 * RECEIVED_PAIRS
      for (let at = block + received.at.pairs; at < end; at += 2) {
        if (cells[at] === 0) cells[at] = key
        if (cells[at] === key) return at + 1
      }
      block = this.#slab.linked(block + received.at.more, received)
    }
  }

  /** What was received, by event and verdict. */
  get received(): readonly Received[] {
    const { cells } = this.#slab
    const counts: [key: number, count: number][] = []
    let block = this.#base + route.at.received
    do {
      for (let pair = 0; pair < RECEIVED_PAIRS; pair += 1) {
        const at = block + received.at.pairs + 2 * pair
        const key = cells[at] ?? 0
        if (key !== 0) counts.push([key - 1, cells[at + 1] ?? 0])
      }
      block = cells[block + received.at.more] ?? 0
    } while (block !== 0)
    const width = verdicts.values.length
    return counts
      .toSorted(([one], [other]) => one - other)
      .map(([key, count]) => ({ event: Math.floor(key / width), verdict: key % width, count }))
  }

  settled(result: number): void {
    if (result === DELIVERED) this.#slab.add(this.#base + route.at.delivered)
    else this.#slab.add(this.#newTrouble() + trouble.at.results + result)
  }

  deliveries(result: number): number {
    if (result === DELIVERED) return this.#slab.read(this.#base + route.at.delivered)
    return this.#slab.read(this.#trouble + trouble.at.results + result)
  }

  /** One more of what a healthy route never counts. */
  count(counter: RareCounter, label: number): void {
    this.#slab.add(this.#newTrouble() + trouble.at[counter] + label)
  }

  counted(counter: RareCounter, label: number): number {
    return this.#slab.read(this.#trouble + trouble.at[counter] + label)
  }

  answered(code: number, seconds: number, callbackId?: string): void {
    const at =
      code === CODE_200
        ? this.#base + route.at.responses200
        : this.#slab.linked(this.#newTrouble() + trouble.at.responses + code, histogram)
    new HistogramCells(this.#slab, at).observe(seconds, callbackId)
  }

  /** How long answers with a code took. */
  responses(code: number): HistogramCells {
    const at =
      code === CODE_200
        ? this.#base + route.at.responses200
        : this.#slab.read(this.#trouble + trouble.at.responses + code)
    return new HistogramCells(this.#slab, at)
  }

  /** 0, where nothing is counted, while nothing went wrong. */
  get #trouble(): number {
    return this.#slab.read(this.#base + route.at.trouble)
  }

  #newTrouble(): number {
    return this.#slab.linked(this.#base + route.at.trouble, trouble)
  }
}
