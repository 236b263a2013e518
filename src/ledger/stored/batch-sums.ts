import { addLatency } from '../latency.ts'
import { failedResults, newSum, type RouteSum, SPANS } from './route-sums.ts'

/** What is added to the numbers of one route in one minute, and with that to those of its hour and day. */
export interface MinuteSum extends RouteSum {
  readonly route: string
  /** Start of the minute, milliseconds since the epoch. */
  minute: number
}

export function newMinuteSum(route: string, minute: number): MinuteSum {
  return Object.assign(newSum(), { route, minute })
}

export function addReceived(sum: RouteSum, atMs: number): void {
  sum.callbacks++
  sum.lastReceivedAt = Math.max(sum.lastReceivedAt, atMs)
}

export function addAttempted(sum: RouteSum, atMs: number, succeeded: boolean): void {
  if (succeeded) sum.lastSuccessAt = Math.max(sum.lastSuccessAt, atMs)
}

export function addSettled(sum: RouteSum, hasFailed: boolean, answerMs: number): void {
  if (hasFailed) sum.failed++
  addLatency(sum.latency, answerMs)
}

/** Adds up a batch, so that each row of numbers is touched once a batch and not once a callback. */
export class BatchSums {
  readonly #all: MinuteSum[] = []
  /** By route: the minute that nearly all of its callbacks fall into. */
  readonly #newest = new Map<string, MinuteSum>()

  received(route: string, atMs: number): void {
    addReceived(this.#of(route, atMs), atMs)
  }

  attempted(route: string, atMs: number, outcome: string): void {
    addAttempted(this.#of(route, atMs), atMs, outcome === 'ok')
  }

  /** @param atMs when the callback arrived: its numbers belong to that minute */
  settled(route: string, atMs: number, result: string, answerMs: number): void {
    addSettled(this.#of(route, atMs), failedResults.has(result), answerMs)
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
    const sum = newMinuteSum(route, atMs - (atMs % SPANS.minute))
    this.#all.push(sum)
    this.#newest.set(route, sum)
    return sum
  }
}
