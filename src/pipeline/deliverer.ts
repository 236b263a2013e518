import { accepted, type Answer, answerOfFailure, answerOfSuccess, standInOf } from '../callback/answer.ts'
import type { Attempt } from '../callback/attempt.ts'
import { blameOf } from '../callback/blame.ts'
import type { Exchange } from '../callback/callback.ts'
import { isWanted } from '../callback/event.ts'
import type { Forwarded, ForwardOptions } from '../forward/forward.ts'
import type { Ticket } from '../ledger/ledger.ts'
import type { Fate } from '../rescue/schedule.ts'
import { inStep } from '../turn-end.ts'
import type { PassageGuards } from '../verify/guard/passage-guards.ts'
import { backlogFull, deliveryOf, type End, isRewritten, mayRescue, notWritten } from './ends.ts'
import type { PipelineParts } from './parts.ts'

/** Kept back from the deadline when a rescue waits for its commit, for sending the answer. */
const ANSWER_RESERVE_MS = 20
/** Share of the deadline that may go by before a callback that was to wait is brought to its handler after all. */
const PATIENCE_BEFORE = 0.25

/** What belongs to one callback's passage besides itself. */
export interface Way {
  /** Told how it ended, on every path. */
  readonly guards: PassageGuards
  readonly options: ForwardOptions
}

/** Brings callbacks that were let in to their targets, and says what their sender is told. */
export class Deliverer {
  readonly #parts: PipelineParts

  constructor(parts: PipelineParts) {
    this.#parts = parts
  }

  /** Keeps a callback, brings it to its targets or puts it off, and finds the answer; rejects only when we are at fault. */
  // With `then` where nearly every callback goes: an async function would leave a frame behind for each.
  deliver(exchange: Exchange, way: Way): Answer | Promise<Answer> {
    const { recorder, ledger, rescue, durability } = this.#parts
    const { route } = exchange
    const kept = ledger.keep(exchange)
    if (!isWanted(exchange.facts.event, route.events))
      return this.#end(exchange, way, accepted, { result: 'filtered' })
    if (mayRescue(exchange) && (route.reply === 'ack' || rescue.isBehind(exchange)))
      return this.#deliverLater(exchange, way, kept)
    const go = durability === 'full' ? recorder.commit(kept) : inStep
    return go.then(() => this.#deliverNow(exchange, way))
  }

  /** The answer comes before the handler: it takes callbacks later, or others of the call wait before this one. */
  async #deliverLater(exchange: Exchange, way: Way, kept: Ticket): Promise<Answer> {
    const { recorder, clock, durability, rescue } = this.#parts
    const now = { result: 'rescued', dueAt: clock.wall() } as const
    const patienceMs = exchange.route.deadlineMs * PATIENCE_BEFORE
    const answer = await this.#rescue(exchange, way, now, { patienceMs })
    if (answer === accepted) return answer
    if (durability === 'full') await recorder.commit(kept)
    // The row that says it waits may be written late, while it is with its handler.
    rescue.hold(exchange)
    try {
      return await this.#deliverNow(exchange, way)
    } finally {
      rescue.letGo(exchange)
    }
  }

  #deliverNow(exchange: Exchange, way: Way): Promise<Answer> {
    return this.#parts.forwarder.forward(exchange, way.options).then(({ attempts, success }) => {
      for (const attempt of attempts) this.#parts.recorder.attempted(exchange, attempt)
      return inStep.then(() => this.#conclude(exchange, way, { attempts, success }))
    })
  }

  #conclude(exchange: Exchange, way: Way, { attempts, success }: Forwarded): Answer | Promise<Answer> {
    if (success === undefined) return this.#fail(exchange, way, attempts)
    const told = answerOfSuccess(success)
    const end = { result: 'delivered', lastOutcome: 'ok' } as const
    if (!isRewritten(exchange)) return this.#end(exchange, way, told, end)
    return this.#rewrite(exchange, success, told).then((answer) => this.#end(exchange, way, answer, end))
  }

  /** No target took it. */
  async #fail(exchange: Exchange, way: Way, attempts: readonly Attempt[]): Promise<Answer> {
    const { rescue } = this.#parts
    const last = attempts.at(-1)
    let answer = answerOfFailure(attempts, exchange.kind, standInOf(exchange))
    if (mayRescue(exchange)) {
      const patienceMs = exchange.route.deadlineMs - ANSWER_RESERVE_MS - this.#elapsedMs(exchange)
      answer = await this.#rescue(exchange, way, rescue.fateOf(attempts), { last, patienceMs })
      if (answer === accepted) return answer
    }
    return this.#end(exchange, way, answer, {
      result: 'failed',
      blame: last === undefined ? 'proxy' : blameOf(last.outcome),
      lastOutcome: last?.outcome,
    })
  }

  async #rewrite(exchange: Exchange, success: Attempt, answer: Answer): Promise<Answer> {
    const leftMs = exchange.route.deadlineMs - ANSWER_RESERVE_MS - this.#elapsedMs(exchange)
    return this.#parts.rewriteAnswer(exchange, success, answer, leftMs)
  }

  /**
   * Answers for the handler (`accepted`) once the callback is on disk, to be delivered later or for people to decide.
   * Any other answer is the truth for the provider: the backlog is full, or the ledger does not write in time.
   */
  async #rescue(
    exchange: Exchange,
    way: Way,
    fate: Fate,
    { last, patienceMs }: { readonly last?: Attempt | undefined; readonly patienceMs: number },
  ): Promise<Answer> {
    const { recorder, rescue } = this.#parts
    if (!rescue.enter(exchange)) return backlogFull
    const end: End = {
      ...fate,
      blame: last === undefined ? undefined : blameOf(last.outcome),
      lastOutcome: last?.outcome,
    }
    const delivery = deliveryOf(accepted, end, { answerMs: this.#elapsedMs(exchange), keepAnswer: false })
    const isDurable = await recorder.rescued(exchange, delivery, patienceMs)
    if (!isDurable || fate.result === 'dead') rescue.leave(exchange)
    if (!isDurable) return notWritten
    rescue.took(exchange)
    way.guards.settle(accepted, true)
    return accepted
  }

  #end(exchange: Exchange, { guards }: Way, answer: Answer, end: End): Answer | Promise<Answer> {
    const { recorder, durability } = this.#parts
    const keepAnswer = exchange.kind === 'xml' && end.result === 'delivered'
    const delivery = deliveryOf(answer, end, { answerMs: this.#elapsedMs(exchange), keepAnswer })
    const ticket = recorder.settled(exchange, delivery)
    guards.settle(answer, end.result !== 'failed', exchange.kind)
    if (durability !== 'answer') return answer
    return recorder.commit(ticket).then(() => answer)
  }

  #elapsedMs({ callback }: Exchange): number {
    return this.#parts.clock.mono() - callback.startedAt
  }
}
