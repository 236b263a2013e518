import type { Answer } from '../callback/answer.ts'
import type { RefusalReason } from '../callback/attempt.ts'
import type { Callback } from '../callback/callback.ts'
import type { AnswerRewriter } from '../capture/rewrite-answer.ts'
import type { Clock } from '../clock.ts'
import type { Forwarder } from '../forward/forward.ts'
import type { LedgerWriter } from '../ledger/ledger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Recorder } from '../record.ts'
import type { RescueDoor } from '../rescue/door.ts'
import type { RouteTable, Scope } from '../routing/table.ts'
import type { Guards } from '../verify/passage-guards.ts'
import type { Resigner } from '../verify/resign.ts'
import type { Verifier } from '../verify/verifier.ts'

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
  readonly guards: Guards
  readonly forwarder: Forwarder
  readonly ledger: LedgerWriter
  readonly durability: 'full' | 'answer' | 'background'
  readonly recorder: Recorder
  readonly metrics: Metrics
  readonly rescue: RescueDoor
  readonly rewriteAnswer: AnswerRewriter
  /** Told of what was refused or let in with a warning, to find out why. Never throws or waits. */
  suspect(callback: Callback, scope: Scope, reason: RefusalReason): void
}
