import type { Answer } from '../callback/answer.ts'
import type { RefusalReason } from '../callback/attempt.ts'
import type { Callback } from '../callback/callback.ts'
import type { AnswerRewriter } from '../capture/rewrite-answer.ts'
import type { Clock } from '../clock.ts'
import type { Carrier } from '../forward/carrier.ts'
import type { Forwarder } from '../forward/forward.ts'
import type { LedgerWriter } from '../ledger/ledger.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Recorder } from '../record.ts'
import type { RescueDoor } from '../rescue/door.ts'
import type { RouteTable, Scope } from '../routing/table.ts'
import type { Guards } from '../verify/guard/passage-guards.ts'
import type { Resigner } from '../verify/signing/resign.ts'
import type { Verification, Verifier } from '../verify/verifier.ts'

/** What ingress read from the request head, so that nobody has to look for it twice. */
export interface HeadFacts {
  readonly contentType: string
  readonly authorization: string
  readonly traceparent: string
}

/** The part of a callback's passage that another process takes off us: the one that received it and will answer it. */
export interface Helper {
  /** What it found of the signature; undefined when it did not look, or not under the policy in force. */
  readonly verification: Verification | undefined
  readonly contentHash: string
  /** Makes the tries: it has the body already. */
  readonly carrier: Carrier
}

/** A callback at the door, with what was found out about it on the way there. */
export interface Arrival {
  readonly callback: Callback
  readonly head: HeadFacts
  readonly scope: Scope
  readonly helper: Helper | undefined
}

/** The life of one callback: verify → classify → route → keep → forward → record → answer. */
export interface Pipeline {
  /** What a raw path stands for; undefined when no route has it. */
  scopeOf(path: string): Scope | undefined
  /** Always answers; rejects only when we are at fault ourselves. */
  handle(callback: Callback, head: HeadFacts, scope: Scope, helper?: Helper): Promise<Answer>
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
