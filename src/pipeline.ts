import {
  accepted,
  type Answer,
  answerOfFailure,
  answerOfRefusal,
  answerOfSuccess,
  problem,
  standInOf,
} from './callback/answer.ts'
import type { Attempt, Delivery, RefusalReason } from './callback/attempt.ts'
import { blameOf } from './callback/blame.ts'
import type { Callback, Exchange, Verdict } from './callback/callback.ts'
import { isWanted } from './callback/event.ts'
import { readFacts } from './callback/facts.ts'
import type { ForwardOptions } from './forward/forward.ts'
import {
  backlogFull,
  deliveryOf,
  type End,
  isRewritten,
  mayRescue,
  notWritten,
  refusalOf,
} from './pipeline/ends.ts'
import type { Arrival, HeadFacts, Helper, Pipeline, PipelineParts, Policy } from './pipeline/parts.ts'
import type { Ticket } from './ledger/ledger.ts'
import type { Fate } from './rescue/schedule.ts'
import type { Scope } from './routing/table.ts'
import { isBasicAllowed } from './verify/basic-auth.ts'
import { hashContent } from './verify/content-hash.ts'
import { PassageGuards } from './verify/passage-guards.ts'
import type { Admission, Settlement } from './verify/replay-guard.ts'
import type { Verification } from './verify/verifier.ts'

export type { Scope } from './routing/table.ts'

export type { HeadFacts, Helper, Pipeline, Policy } from './pipeline/parts.ts'

/** Kept back from the deadline when a rescue waits for its commit, for sending the answer. */
const ANSWER_RESERVE_MS = 20
/** Share of the deadline that may go by before a callback that was to wait is brought to its handler after all. */
const PATIENCE_BEFORE = 0.25

export function createPipeline(parts: PipelineParts): Pipeline {
  return {
    scopeOf: (path) => parts.policy().table.scopeOf(path),
    handle: (callback, head, scope, helper) => new Passage(parts, { callback, head, scope, helper }).run(),
  }
}

/** One callback's way through. The order of the steps is the order of the guarantees. */
class Passage {
  readonly #parts: PipelineParts
  readonly #policy: Policy
  readonly #callback: Callback
  readonly #head: HeadFacts
  readonly #scope: Scope
  readonly #helper: Helper | undefined
  readonly #live: ForwardOptions
  readonly #guards: PassageGuards

  constructor(parts: PipelineParts, { callback, head, scope, helper }: Arrival) {
    this.#parts = parts
    this.#policy = parts.policy()
    this.#guards = new PassageGuards(parts.guards)
    this.#callback = callback
    this.#head = head
    this.#scope = scope
    this.#helper = helper
    this.#live = { via: 'live', firstNumber: 1, carrier: helper?.carrier }
  }

  // Few async functions on purpose: each leaves its frame and turns of the microtask queue behind for every callback.
  async run(): Promise<Answer> {
    try {
      return await this.#pass()
    } catch (error) {
      this.#guards.settle(problem(500, 'internal error'), false)
      throw error
    }
  }

  #pass(): Answer | Promise<Answer> {
    const { basicAuth, signature, route } = this.#scope
    if (basicAuth !== undefined && !isBasicAllowed(this.#head.authorization, basicAuth)) {
      return this.#refuse('basic_auth')
    }
    const verification = this.#verify()
    if (verification?.ok === false) {
      if (signature === 'enforce') return this.#refuse(verification.reason)
      this.#parts.metrics.signatureFailed(route, verification.reason)
      this.#parts.suspect(this.#callback, this.#scope, verification.reason)
    }
    return this.#enter(verification)
  }

  /** Past the door: what came before is answered as before, everything else is delivered. */
  #enter(verification: Verification | undefined): Answer | Promise<Answer> {
    const { id, receivedAt } = this.#callback
    const contentHash = this.#helper?.contentHash ?? hashContent(this.#callback)
    const guardKey = verification?.ok === true ? verification.guardKey : ''
    const admission = this.#guards.admitSigned(guardKey, { contentHash, id, at: receivedAt })
    if (admission?.kind === 'refused') return this.#refuse(admission.reason)

    const exchange = this.#classify(verification, guardKey, contentHash, admission)
    if (exchange === undefined) {
      const answer = this.#refuse('unknown_path')
      this.#guards.settle(answer, false)
      return answer
    }
    switch (admission?.kind) {
      case 'answered':
        return this.#repeat(exchange, { ...admission.answer, delivered: true })
      case 'joined':
        return admission.answer.then((first) => this.#repeat(exchange, first))
      case 'new':
      case 'again':
      case undefined:
        return this.#deliverOnce(exchange)
    }
  }

  /** The provider signs its own retries afresh; the same event told in the same words is delivered once all the same. */
  #deliverOnce(exchange: Exchange): Answer | Promise<Answer> {
    const seen = this.#guards.admitContent(exchange)
    switch (seen?.kind) {
      case 'answered':
        return this.#repeatContent(exchange, seen.duplicateOf, { ...seen.answer, delivered: true })
      case 'joined':
        return seen.answer.then((first) => this.#repeatContent(exchange, seen.duplicateOf, first))
      case 'again':
        return this.#deliver({ ...exchange, duplicateOf: exchange.duplicateOf ?? seen.duplicateOf })
      case 'new':
      case 'refused':
      case undefined:
        return this.#deliver(exchange)
    }
  }

  #repeatContent(exchange: Exchange, duplicateOf: string, first: Settlement): Answer {
    const answer = this.#repeat({ ...exchange, duplicateOf }, first)
    this.#guards.settle(answer, first.delivered)
    return answer
  }

  #verify(): Verification | undefined {
    if (this.#scope.signature === 'off') return undefined
    if (this.#helper?.verification !== undefined) return this.#helper.verification
    const verifier = this.#policy.verifiers.get(this.#scope.ring)
    if (verifier === undefined) return { ok: false, reason: 'signature_missing' }
    const { method, path, headers, body, receivedAt } = this.#callback
    return verifier({ method, baseUrl: this.#policy.publicBase + path, headers, body }, receivedAt)
  }

  #classify(
    verification: Verification | undefined,
    guardKey: string,
    bodyHash: string,
    admission: Admission | undefined,
  ): Exchange | undefined {
    const { method, query, body } = this.#callback
    const facts = readFacts({ method, query, contentType: this.#head.contentType, body })
    const route = this.#policy.table.resolve(this.#scope, facts)
    if (route === undefined) return undefined
    const verdict: Verdict =
      verification === undefined ? 'unchecked' : verification.ok ? 'verified' : 'warned'
    const duplicateOf =
      admission !== undefined && 'duplicateOf' in admission ? admission.duplicateOf : undefined
    return {
      callback: this.#callback,
      route,
      facts,
      kind: route.kind === 'auto' ? facts.kind : route.kind,
      verdict,
      guardKey,
      bodyHash,
      duplicateOf,
      traceparent: this.#head.traceparent,
    }
  }

  #deliver(exchange: Exchange): Answer | Promise<Answer> {
    const { recorder, ledger, rescue, durability } = this.#parts
    const { route } = exchange
    this.#count(exchange)
    const kept = ledger.keep(exchange)
    if (!isWanted(exchange.facts.event, route.events))
      return this.#end(exchange, accepted, { result: 'filtered' })
    if (mayRescue(exchange) && (route.reply === 'ack' || rescue.isBehind(exchange)))
      return this.#deliverLater(exchange, kept)
    return durability === 'full'
      ? recorder.commit(kept).then(() => this.#deliverNow(exchange))
      : this.#deliverNow(exchange)
  }

  /** The answer comes before the handler: it takes callbacks later, or others of the call wait before this one. */
  async #deliverLater(exchange: Exchange, kept: Ticket): Promise<Answer> {
    const { recorder, clock, durability } = this.#parts
    const now = { result: 'rescued', dueAt: clock.wall() } as const
    const answer = await this.#rescue(exchange, now, {
      patienceMs: exchange.route.deadlineMs * PATIENCE_BEFORE,
    })
    if (answer === accepted) return answer
    if (durability === 'full') await recorder.commit(kept)
    return this.#deliverNow(exchange)
  }

  #deliverNow(exchange: Exchange): Promise<Answer> {
    return this.#parts.forwarder.forward(exchange, this.#live).then(({ attempts, success }) => {
      for (const attempt of attempts) this.#parts.recorder.attempted(exchange, attempt)
      if (success === undefined) return this.#fail(exchange, attempts)
      const told = answerOfSuccess(success)
      const end = { result: 'delivered', lastOutcome: 'ok' } as const
      if (!isRewritten(exchange)) return this.#end(exchange, told, end)
      return this.#rewrite(exchange, success, told).then((answer) => this.#end(exchange, answer, end))
    })
  }

  /** No target took it. */
  async #fail(exchange: Exchange, attempts: readonly Attempt[]): Promise<Answer> {
    const { rescue } = this.#parts
    const last = attempts.at(-1)
    let answer = answerOfFailure(attempts, exchange.kind, standInOf(exchange))
    if (mayRescue(exchange)) {
      const patienceMs = exchange.route.deadlineMs - ANSWER_RESERVE_MS - this.#elapsedMs()
      answer = await this.#rescue(exchange, rescue.fateOf(attempts), { last, patienceMs })
      if (answer === accepted) return answer
    }
    return this.#end(exchange, answer, {
      result: 'failed',
      blame: last === undefined ? 'proxy' : blameOf(last.outcome),
      lastOutcome: last?.outcome,
    })
  }

  async #rewrite(exchange: Exchange, success: Attempt, answer: Answer): Promise<Answer> {
    const leftMs = exchange.route.deadlineMs - ANSWER_RESERVE_MS - this.#elapsedMs()
    return this.#parts.rewriteAnswer(exchange, success, answer, leftMs)
  }

  /**
   * Answers for the handler (`accepted`) once the callback is on disk, to be delivered later or for people to decide.
   * Any other answer is the truth for the provider: the backlog is full, or the ledger does not write in time.
   */
  async #rescue(
    exchange: Exchange,
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
    const isDurable = await recorder.rescued(exchange, this.#delivery(accepted, end), patienceMs)
    if (!isDurable || fate.result === 'dead') rescue.leave(exchange)
    if (!isDurable) return notWritten
    rescue.took(exchange)
    this.#guards.settle(accepted, true)
    return accepted
  }

  #end(exchange: Exchange, answer: Answer, end: End): Answer | Promise<Answer> {
    const delivery = this.#delivery(answer, end, exchange.kind === 'xml' && end.result === 'delivered')
    const ticket = this.#parts.recorder.settled(exchange, delivery)
    this.#guards.settle(answer, end.result !== 'failed', exchange.kind)
    if (this.#parts.durability !== 'answer') return answer
    return this.#parts.recorder.commit(ticket).then(() => answer)
  }

  /** A repeat of what was answered or is under way: the same answer, and nothing is delivered twice. */
  #repeat(exchange: Exchange, first: Settlement): Answer {
    const headers = first.contentType === '' ? [] : ['Content-Type', first.contentType]
    const answer: Answer = { status: first.status, headers, body: first.body ?? accepted.body }
    const end: End = first.delivered ? { result: 'delivered' } : { result: 'failed', blame: 'handler' }
    this.#count(exchange)
    this.#parts.ledger.keep(exchange)
    this.#parts.recorder.repeated(exchange, this.#delivery(answer, end))
    return answer
  }

  #count({ route, facts, verdict, duplicateOf }: Exchange): void {
    this.#parts.metrics.received(route, facts.event, duplicateOf === undefined ? verdict : 'repeated')
  }

  #delivery(answer: Answer, end: End, keepAnswer = false): Delivery {
    return deliveryOf(answer, end, { answerMs: this.#elapsedMs(), keepAnswer })
  }

  #refuse(reason: RefusalReason): Answer {
    const answer = answerOfRefusal(reason)
    const refusal = refusalOf(this.#callback, this.#scope, { reason, status: answer.status })
    this.#parts.recorder.refused(refusal, this.#scope.route, this.#elapsedMs())
    this.#parts.suspect(this.#callback, this.#scope, reason)
    return answer
  }

  #elapsedMs(): number {
    return this.#parts.clock.mono() - this.#callback.startedAt
  }
}
