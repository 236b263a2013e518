import {
  accepted,
  type Answer,
  answerOfFailure,
  answerOfRefusal,
  answerOfSuccess,
  contentTypeOf,
  problem,
  standInOf,
} from './callback/answer.ts'
import type { Attempt, Delivery, RefusalReason } from './callback/attempt.ts'
import { type Blame, blameOf } from './callback/blame.ts'
import type { Callback, Exchange, Verdict } from './callback/callback.ts'
import { isWanted } from './callback/event.ts'
import { readFacts } from './callback/facts.ts'
import type { Outcome } from './callback/outcome.ts'
import type { AnswerRewriter } from './capture/rewrite-answer.ts'
import type { Clock } from './clock.ts'
import type { Forwarder } from './forward/forward.ts'
import type { LedgerWriter } from './ledger/ledger.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Recorder } from './record.ts'
import type { RescueDoor } from './rescue/door.ts'
import type { Fate } from './rescue/schedule.ts'
import type { RouteTable, Scope } from './routing/table.ts'
import { isBasicAllowed } from './verify/basic-auth.ts'
import { hashContent } from './verify/content-hash.ts'
import type { Admission, ReplayGuard, Settlement } from './verify/replay-guard.ts'
import type { Resigner } from './verify/resign.ts'
import type { Verification, Verifier } from './verify/verifier.ts'

export type { Scope } from './routing/table.ts'

/** What ingress read from the request head, so that nobody has to look for it twice. */
export interface HeadFacts {
  readonly contentType: string
  readonly authorization: string
  readonly traceparent: string
}

/** The life of one callback: verify → classify → route → keep → forward → record → answer. */
export interface Pipeline {
  /** What a raw path stands for; undefined when no route has it. */
  scopeOf(path: string): Scope | undefined
  /** Always answers; rejects only when we are at fault ourselves. */
  handle(callback: Callback, head: HeadFacts, scope: Scope): Promise<Answer>
}

/** Everything that a reload replaces, in one piece: a callback sees either the old or the new of all of it. */
export interface Policy {
  readonly table: RouteTable
  /** By the name of a key ring, which a scope gives. */
  readonly verifiers: ReadonlyMap<string, Verifier>
  /** By account id. */
  readonly resigners: ReadonlyMap<string, Resigner>
  /** The public URL without a trailing slash: what URL signatures are checked against. */
  readonly publicBase: string
}

export interface PipelineParts {
  readonly clock: Clock
  policy(): Policy
  readonly guard: ReplayGuard
  readonly forwarder: Forwarder
  readonly ledger: LedgerWriter
  readonly durability: 'full' | 'answer' | 'background'
  readonly recorder: Recorder
  readonly metrics: Metrics
  readonly rescue: RescueDoor
  readonly rewriteAnswer: AnswerRewriter
}

/** Are the URLs inside its answer to come through here too? */
function isRewritten({ kind, route }: Exchange): boolean {
  return kind === 'xml' && route.rewriteXml === true
}

/** Kept back from the deadline when a rescue waits for its commit, for sending the answer. */
const ANSWER_RESERVE_MS = 20
/** Share of the deadline that may go by before a callback that was to wait is brought to its handler after all. */
const PATIENCE_BEFORE = 0.25

const backlogFull = problem(503, 'too many callbacks wait for their handlers')
const notWritten = problem(503, 'the ledger cannot be written')

export function createPipeline(parts: PipelineParts): Pipeline {
  return {
    scopeOf: (path) => parts.policy().table.scopeOf(path),
    handle: async (callback, head, scope) => new Passage(parts, callback, head, scope).run(),
  }
}

interface End {
  readonly result: Delivery['result']
  readonly blame?: Blame | undefined
  readonly lastOutcome?: Outcome | undefined
  readonly dueAt?: number
}

/** One callback's way through. The order of the steps is the order of the guarantees. */
class Passage {
  readonly #parts: PipelineParts
  readonly #policy: Policy
  readonly #callback: Callback
  readonly #head: HeadFacts
  readonly #scope: Scope

  constructor(parts: PipelineParts, callback: Callback, head: HeadFacts, scope: Scope) {
    this.#parts = parts
    this.#policy = parts.policy()
    this.#callback = callback
    this.#head = head
    this.#scope = scope
  }

  async run(): Promise<Answer> {
    const { basicAuth, signature, route } = this.#scope
    if (basicAuth !== undefined && !isBasicAllowed(this.#head.authorization, basicAuth)) {
      return this.#refuse('basic_auth')
    }
    const verification = this.#verify()
    if (verification?.ok === false) {
      if (signature === 'enforce') return this.#refuse(verification.reason)
      this.#parts.metrics.signatureFailed(route, verification.reason)
    }
    return this.#enter(verification)
  }

  /** Past the door: what came before is answered as before, everything else is delivered. */
  async #enter(verification: Verification | undefined): Promise<Answer> {
    const { id, receivedAt } = this.#callback
    const contentHash = hashContent(this.#callback)
    const guardKey = verification?.ok === true ? verification.guardKey : ''
    const admission =
      guardKey === '' ? undefined : this.#parts.guard.admit(guardKey, contentHash, id, receivedAt)
    if (admission?.kind === 'refused') return this.#refuse(admission.reason)

    const exchange = this.#classify(verification, guardKey, contentHash, admission)
    if (exchange === undefined) {
      const answer = this.#refuse('unknown_path')
      this.#remember(guardKey, answer, false)
      return answer
    }
    if (admission?.kind === 'answered')
      return this.#repeat(exchange, { ...admission.answer, delivered: true })
    if (admission?.kind === 'joined') return this.#repeat(exchange, await admission.answer)
    try {
      return await this.#deliver(exchange)
    } catch (error) {
      this.#remember(guardKey, problem(500, 'internal error'), false)
      throw error
    }
  }

  #verify(): Verification | undefined {
    if (this.#scope.signature === 'off') return undefined
    const verifier = this.#policy.verifiers.get(this.#scope.ring)
    if (verifier === undefined) return { ok: false, reason: 'signature_missing' }
    const { method, path, rawHeaders, body, receivedAt } = this.#callback
    return verifier({ method, baseUrl: this.#policy.publicBase + path, rawHeaders, body }, receivedAt)
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
    this.#parts.metrics.received(route, facts.event, duplicateOf === undefined ? verdict : 'repeated')
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

  async #deliver(exchange: Exchange): Promise<Answer> {
    const { forwarder, recorder, ledger, rescue, clock, durability } = this.#parts
    const { route } = exchange
    const kept = ledger.keep(exchange)
    if (!isWanted(exchange.facts.event, route.events))
      return this.#end(exchange, accepted, { result: 'filtered' })

    const mayRescue = this.#mayRescue(exchange)
    if (mayRescue && (route.reply === 'ack' || rescue.isBehind(exchange))) {
      const now = { result: 'rescued', dueAt: clock.wall() } as const
      const answer = await this.#rescue(exchange, now, { patienceMs: route.deadlineMs * PATIENCE_BEFORE })
      if (answer === accepted) return answer
    }
    if (durability === 'full') await recorder.commit(kept)
    const { attempts, success } = await forwarder.forward(exchange, { via: 'live', firstNumber: 1 })
    for (const attempt of attempts) recorder.attempted(exchange, attempt)
    if (success !== undefined) {
      const told = answerOfSuccess(success)
      const answer = isRewritten(exchange) ? await this.#rewrite(exchange, success, told) : told
      return this.#end(exchange, answer, { result: 'delivered', lastOutcome: 'ok' })
    }
    const last = attempts.at(-1)
    let answer = answerOfFailure(attempts, exchange.kind, standInOf(exchange))
    if (mayRescue) {
      const patienceMs = route.deadlineMs - ANSWER_RESERVE_MS - this.#elapsedMs()
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

  /** A call cannot wait for its XML, and a probe of the platform is not worth keeping. */
  #mayRescue(exchange: Exchange): boolean {
    const wants = exchange.route.onFailure === 'rescue' || exchange.route.reply === 'ack'
    return wants && exchange.kind === 'notify' && !exchange.facts.isProbe
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
    this.#remember(exchange.guardKey, accepted, true)
    return accepted
  }

  async #end(exchange: Exchange, answer: Answer, end: End): Promise<Answer> {
    const delivery = this.#delivery(answer, end, exchange.kind === 'xml' && end.result === 'delivered')
    const ticket = this.#parts.recorder.settled(exchange, delivery)
    this.#remember(exchange.guardKey, answer, end.result !== 'failed')
    if (this.#parts.durability === 'answer') await this.#parts.recorder.commit(ticket)
    return answer
  }

  /** A repeat of what was answered or is under way: the same answer, and nothing is delivered twice. */
  #repeat(exchange: Exchange, first: Settlement): Answer {
    const headers = first.contentType === '' ? [] : ['Content-Type', first.contentType]
    const answer: Answer = { status: first.status, headers, body: first.body ?? accepted.body }
    const end: End = first.delivered ? { result: 'delivered' } : { result: 'failed', blame: 'handler' }
    this.#parts.ledger.keep(exchange)
    this.#parts.recorder.repeated(exchange, this.#delivery(answer, end))
    return answer
  }

  #delivery(answer: Answer, end: End, keepAnswer = false): Delivery {
    return {
      result: end.result,
      blame: end.blame,
      lastOutcome: end.lastOutcome,
      answerStatus: answer.status,
      answerMs: this.#elapsedMs(),
      dueAt: end.dueAt,
      answer: keepAnswer ? answer : undefined,
    }
  }

  /** Tells the replay guard how it ended; what was not delivered is tried again when it is repeated. */
  #remember(guardKey: string, answer: Answer, delivered: boolean): void {
    if (guardKey === '') return
    const { status, body } = answer
    this.#parts.guard.settle(guardKey, { status, contentType: contentTypeOf(answer), body, delivered })
  }

  #refuse(reason: RefusalReason): Answer {
    const { id, receivedAt, method, path, peer } = this.#callback
    const answer = answerOfRefusal(reason)
    this.#parts.recorder.refused(
      {
        id,
        receivedAt,
        route: this.#scope.route?.id ?? this.#scope.account ?? '',
        reason,
        status: answer.status,
        method,
        path,
        peer,
      },
      this.#scope.route,
      this.#elapsedMs(),
    )
    return answer
  }

  #elapsedMs(): number {
    return this.#parts.clock.mono() - this.#callback.startedAt
  }
}
