import { accepted, type Answer, answerOfRefusal, problem } from './callback/answer.ts'
import type { RefusalReason } from './callback/attempt.ts'
import type { Callback, Exchange, Verdict } from './callback/callback.ts'
import { readFacts } from './callback/facts.ts'
import type { ForwardOptions } from './forward/forward.ts'
import { Deliverer } from './pipeline/deliverer.ts'
import { deliveryOf, type End, refusalOf } from './pipeline/ends.ts'
import type { Arrival, HeadFacts, Helper, Pipeline, PipelineParts, Policy } from './pipeline/parts.ts'
import type { Scope } from './routing/table.ts'
import { isBasicAllowed } from './verify/basic-auth.ts'
import { hashContent } from './verify/content-hash.ts'
import { PassageGuards } from './verify/passage-guards.ts'
import type { Admission, Settlement } from './verify/replay-guard.ts'
import type { Verification } from './verify/verifier.ts'

export type { Scope } from './routing/table.ts'

export type { HeadFacts, Helper, Pipeline, Policy } from './pipeline/parts.ts'

export function createPipeline(parts: PipelineParts): Pipeline {
  const deliverer = new Deliverer(parts)
  return {
    scopeOf: (path) => parts.policy().table.scopeOf(path),
    handle: (callback, head, scope, helper) =>
      new Passage(parts, deliverer, { callback, head, scope, helper }).run(),
  }
}

/** One callback's way through. The order of the steps is the order of the guarantees. */
class Passage {
  readonly #parts: PipelineParts
  readonly #deliverer: Deliverer
  readonly #policy: Policy
  readonly #callback: Callback
  readonly #head: HeadFacts
  readonly #scope: Scope
  readonly #helper: Helper | undefined
  readonly #live: ForwardOptions
  readonly #guards: PassageGuards

  constructor(parts: PipelineParts, deliverer: Deliverer, { callback, head, scope, helper }: Arrival) {
    this.#parts = parts
    this.#deliverer = deliverer
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

  #deliver(exchange: Exchange): Answer | Promise<Answer> {
    this.#count(exchange)
    return this.#deliverer.deliver(exchange, { guards: this.#guards, options: this.#live })
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

  /** A repeat of what was answered or is under way: the same answer, and nothing is delivered twice. */
  #repeat(exchange: Exchange, first: Settlement): Answer {
    const headers = first.contentType === '' ? [] : ['Content-Type', first.contentType]
    const answer: Answer = { status: first.status, headers, body: first.body ?? accepted.body }
    const end: End = first.delivered ? { result: 'delivered' } : { result: 'failed', blame: 'handler' }
    this.#count(exchange)
    this.#parts.ledger.keep(exchange)
    const delivery = deliveryOf(answer, end, { answerMs: this.#elapsedMs(), keepAnswer: false })
    this.#parts.recorder.repeated(exchange, delivery)
    return answer
  }

  #count({ route, facts, verdict, duplicateOf }: Exchange): void {
    this.#parts.metrics.received(route, facts.event, duplicateOf === undefined ? verdict : 'repeated')
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
