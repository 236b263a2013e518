import { addLatency } from '../latency.ts'
import { failedResults, newSum, type RouteSum, SPANS } from './route-sums.ts'

/** What one batch adds to the numbers of one route in one minute, and with that to those of its hour and day. */
export interface MinuteSum extends RouteSum {
  readonly route: string
  /** Start of the minute, milliseconds since the epoch. */
  readonly minute: number
  readonly outcomes: Map<string, number>
  readonly results: Map<string, number>
}

/** Adds up a batch, so that each row of numbers is touched once a batch and not once a callback. */
export class BatchSums {
  readonly #all: MinuteSum[] = []
  /** By route: the minute that nearly all of its callbacks fall into. */
  readonly #newest = new Map<string, MinuteSum>()

  received(route: string, atMs: number): void {
    const sum = this.#of(route, atMs)
    sum.callbacks++
    sum.lastReceivedAt = Math.max(sum.lastReceivedAt, atMs)
  }

  attempted(route: string, atMs: number, outcome: string): void {
    const sum = this.#of(route, atMs)
    count(sum.outcomes, outcome)
    if (outcome === 'ok') sum.lastSuccessAt = Math.max(sum.lastSuccessAt, atMs)
  }

  /** @param atMs when the callback arrived: its numbers belong to that minute */
  settled(route: string, atMs: number, result: string, answerMs: number): void {
    const sum = this.#of(route, atMs)
    count(sum.results, result)
    if (failedResults.has(result)) sum.failed++
    addLatency(sum.latency, answerMs)
  }

  /** The same minute of a route may be among them twice. */
  all(): readonly MinuteSum[] {
    return this.#all
  }

  clear(): void {
    this.#all.length = 0
    this.#newest.clear()
  }

  #of(route: string, atMs: number): MinuteSum {
    const found = this.#newest.get(route)
    if (found !== undefined && atMs >= found.minute && atMs < found.minute + SPANS.minute) return found
    const minute = atMs - (atMs % SPANS.minute)
    const sum = { ...newSum(), route, minute, outcomes: new Map(), results: new Map() }
    this.#all.push(sum)
    this.#newest.set(route, sum)
    return sum
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
