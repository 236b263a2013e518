import type { Attempt, Delivery } from './callback/attempt.ts'
import type { Blame } from './callback/blame.ts'
import type { Exchange } from './callback/callback.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Refusal } from './ledger/ledger.ts'
import { TurnEnd } from './turn-end.ts'

/** Who wants to hear of decided attempts and callbacks: the alert engine, the live stream. Must not throw or wait. */
export interface RecordListener {
  attempted(exchange: Exchange, attempt: Attempt): void
  settled(exchange: Exchange, delivery: Delivery): void
  /** A request was not let in. */
  refused?(refusal: Refusal): void
}

/** What became of a callback: it was tried, it is settled, one that waited has ended, or it only repeated another. */
export type Told =
  | { readonly kind: 'attempted'; readonly exchange: Exchange; readonly attempt: Attempt }
  | {
      readonly kind: 'settled' | 'ended' | 'repeated'
      readonly exchange: Exchange
      readonly delivery: Delivery
    }

export interface TellerParts {
  readonly log: Log
  readonly metrics: Metrics
  readonly listeners: readonly RecordListener[]
}

/**
 * Tells log, metrics and listeners once the answers of the turn are written: nobody waits for them. Each is told all of
 * the turn in a row, in the order it happened.
 */
export class Teller {
  readonly #parts: TellerParts
  readonly #logged = new TurnEnd<Told>('tell', (told) => this.#log(told))
  readonly #measured = new TurnEnd<Told>('tell', (told) => this.#measure(told))
  readonly #heard = new TurnEnd<Told>('tell', (told) => this.#pass(told))

  constructor(parts: TellerParts) {
    this.#parts = parts
  }

  tell(told: Told): void {
    this.#logged.add(told)
    this.#measured.add(told)
    this.#heard.add(told)
  }

  #log(told: Told): void {
    const { log } = this.#parts
    if (told.kind === 'attempted') log.attempt(told.exchange, told.attempt)
    else log.callback(told.exchange, told.delivery)
  }

  #measure(told: Told): void {
    const { metrics } = this.#parts
    const { route, callback } = told.exchange
    if (told.kind === 'attempted') {
      metrics.attempted(route, told.attempt, callback.id)
      return
    }
    const { result, answerStatus, answerMs } = told.delivery
    if (told.kind !== 'repeated') metrics.settled(route, result)
    if (told.kind === 'ended') return // it was answered long before
    metrics.answered(route, answerStatus, answerMs / 1000, callback.id)
    if (told.kind === 'repeated') return
    // Answered for a handler that will never take it: rescued, and dead at once.
    if (result === 'dead') metrics.settled(route, 'rescued')
    const missedBy = missedDeadline(told.exchange, told.delivery)
    if (missedBy !== undefined) metrics.deadlineMissed(route, missedBy)
  }

  #pass(told: Told): void {
    if (told.kind === 'repeated') return
    for (const listener of this.#parts.listeners) {
      if (told.kind === 'attempted') listener.attempted(told.exchange, told.attempt)
      else listener.settled(told.exchange, told.delivery)
    }
  }
}

/**
 * An answer after the deadline is our own failure, whatever the handler did: the budget is ours to keep.
 * A handler misses it when no target had replied by the end of the budget.
 */
function missedDeadline(exchange: Exchange, delivery: Delivery): Blame | undefined {
  if (delivery.answerMs > exchange.route.deadlineMs) return 'proxy'
  if (delivery.result === 'delivered') return undefined
  const ranOut = delivery.lastOutcome === 'timeout_response' || delivery.lastOutcome === 'timeout_connect'
  return ranOut ? 'handler' : undefined
}
