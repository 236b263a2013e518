import type { Exchange } from '../../../../../src/callback/callback.ts'
import { createIdMaker, timeOfId } from '../../../../../src/callback/id.ts'
import { BatchWriter } from '../../../../../src/ledger/codec/batch-writer.ts'
import { encodeAttempt, encodeKept, encodeSettled } from '../../../../../src/ledger/codec/encode.ts'
import type { Batch } from '../../../../../src/ledger/writing/protocol.ts'
import {
  failed,
  fallback,
  primary,
  refused,
  sampleAttempt,
  sampleDelivery,
  sampleExchange,
} from '../../../../contract/ledger-samples.ts'
import { intBelow } from '../../../../support/random.ts'
import type { PlainNumbers } from './plain-numbers.ts'

/** Batches of callbacks to many routes, a third of which goes wrong; some are settled by a later batch. */
export class ManyRoutes {
  readonly #random: () => number
  readonly #numbers: PlainNumbers
  readonly #newId: (nowMs: number) => string
  #open: Exchange[] = []
  #ticket = 1

  /** @param numbers are told of what the batches say */
  constructor(random: () => number, numbers: PlainNumbers) {
    this.#random = random
    this.#numbers = numbers
    this.#newId = createIdMaker(random)
  }

  /** The next batch, of callbacks that arrive now or a little earlier. */
  batch(nowMs: number, routes: number, callbacks: number): Batch {
    const out = new BatchWriter()
    const stillOpen: Exchange[] = []
    const handle = (exchange: Exchange): void => {
      if (this.#random() < 0.1) stillOpen.push(exchange)
      else this.#finish(out, exchange, nowMs)
    }
    for (const exchange of this.#open) handle(exchange)
    for (let i = 0; i < callbacks; i++) {
      const callbackId = this.#newId(nowMs - intBelow(this.#random, 300))
      const id = `route-${String(intBelow(this.#random, routes)).padStart(3, '0')}`
      const callback = { id: callbackId, receivedAt: timeOfId(callbackId) }
      const exchange = sampleExchange({ route: { id }, callback })
      encodeKept(out, exchange)
      this.#numbers.received(exchange)
      handle(exchange)
    }
    this.#open = stillOpen
    const first = this.#ticket
    this.#ticket += out.rows
    return { bytes: out.memory, used: out.used, rows: out.rows, first, sentAt: nowMs }
  }

  #finish(out: BatchWriter, exchange: Exchange, nowMs: number): void {
    const isGood = this.#random() < 0.67
    const startedAt = nowMs - intBelow(this.#random, 50)
    const attempts = isGood
      ? [sampleAttempt({ startedAt })]
      : [
          { ...refused, startedAt, target: primary },
          { ...refused, startedAt, number: 2, target: fallback },
        ]
    for (const attempt of attempts) {
      encodeAttempt(out, exchange, attempt, 100)
      this.#numbers.attempted(exchange, attempt)
    }
    const answerMs = intBelow(this.#random, 3000)
    const delivery = isGood ? sampleDelivery({ answerMs }) : { ...failed, answerMs }
    encodeSettled(out, exchange, delivery)
    this.#numbers.settled(exchange, delivery)
  }
}
