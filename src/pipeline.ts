import { accepted, type Answer, answerOfRefusal, problem } from './callback/answer.ts'
import type { RefusalReason } from './callback/attempt.ts'
import type { Callback, Exchange, Verdict } from './callback/callback.ts'
import { readFacts } from './callback/facts.ts'
import type { ForwardOptions } from './forward/forward.ts'
import { Deliverer } from './pipeline/deliverer.ts'
import { deliveryOf, type End, refusalOf } from './pipeline/ends.ts'
import type { Arrival, HeadFacts, Helper, Pipeline, PipelineParts, Policy } from './pipeline/parts.ts'
import type { Scope } from './routing/table.ts'
import { inStep } from './turn-end.ts'
import { isBasicAllowed } from './verify/basic-auth.ts'
import { hashContent } from './verify/content-hash.ts'
import { PassageGuards } from './verify/guard/passage-guards.ts'
import type { Admission, Settlement } from './verify/guard/replay-guard.ts'
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

type LetIn = Exclude<Admission, { readonly kind: 'refused' }>

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
  /** Undefined where nothing is verified. */
  #verification: Verification | undefined

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

  // One async function on purpose: each leaves its frame and turns of the microtask queue behind for every callback.
  async run(): Promise<Answer> {
    try {
      const refusal = this.#checkDoor()
      if (refusal !== undefined) return this.#refuse(refusal)
      await inStep
      const contentHash = this.#helper?.contentHash ?? hashContent(this.#callback)
      const admission = this.#admit(contentHash)
      if (admission?.kind === 'refused') return this.#refuse(admission.reason)
      await inStep
      const exchange = this.#classify(contentHash, admission)
      if (exchange === undefined) return this.#refuseUnknown()
      await inStep
      return await this.#enter(exchange, admission)
    } catch (error) {
      this.#guards.settle(problem(500, 'internal error'), false)
      throw error
    }
  }

  /** @returns why the request is not let in; undefined when it is */
  #checkDoor(): RefusalReason | undefined {
    const { basicAuth, signature, route } = this.#scope
    if (basicAuth !== undefined && !isBasicAllowed(this.#head.authorization, basicAuth)) return 'basic_auth'
    this.#verification = this.#verify()
    if (this.#verification?.ok !== false) return undefined
    const { reason } = this.#verification
    if (signature === 'enforce') return reason
    this.#parts.metrics.signatureFailed(route, reason)
    this.#parts.suspect(this.#callback, this.#scope, reason)
    return undefined
  }

  #admit(contentHash: string): Admission | undefined {
    const { id, receivedAt } = this.#callback
    return this.#guards.admitSigned(this.#guardKey(), { contentHash, id, at: receivedAt })
  }

  /** Past the door: what came before is answered as before, everything else is delivered. */
  #enter(exchange: Exchange, admission: LetIn | undefined): Answer | Promise<Answer> {
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

  /** What identifies a request that was verified; empty for others. */
  #guardKey(): string {
    return this.#verification?.ok === true ? this.#verification.guardKey : ''
  }

  #classify(bodyHash: string, admission: Admission | undefined): Exchange | undefined {
    const { method, query, body } = this.#callback
    const facts = readFacts({ method, query, contentType: this.#head.contentType, body })
    const route = this.#policy.table.resolve(this.#scope, facts)
    if (route === undefined) return undefined
    const verification = this.#verification
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
      guardKey: this.#guardKey(),
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

  #refuseUnknown(): Answer {
    const answer = this.#refuse('unknown_path')
    this.#guards.settle(answer, false)
    return answer
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
