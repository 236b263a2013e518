import type { DeliveryResult, RefusalReason, Via } from '../../callback/attempt.ts'
import type { Blame } from '../../callback/blame.ts'
import type { Verdict } from '../../callback/callback.ts'
import type { Kind } from '../../callback/kind.ts'
import type { Facts } from '../../callback/event.ts'
import type { HeaderText } from '../../callback/header-text.ts'
import type { Outcome } from '../../callback/outcome.ts'
import type { Role } from '../../callback/route.ts'

/** What a record is; the first byte after its length. Values are on disk in the inbox: never reuse one. */
export const recordType = {
  /** With the names and values of headers one by one, as they were first written; only read. */
  keptPairs: 1,
  attempt: 2,
  settled: 3,
  refusal: 4,
  kept: 5,
} as const

export function isKept(type: number | undefined): boolean {
  return type === recordType.kept || type === recordType.keptPairs
}

/** A callback that was let in, with all that a later delivery needs. */
export interface KeptRecord {
  readonly id: string
  readonly receivedAt: number
  readonly route: string
  readonly kind: Kind
  readonly verdict: Verdict
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query: string
  readonly peer: string
  readonly facts: Facts
  readonly guardKey: string
  readonly bodyHash: string
  readonly duplicateOf: string
  readonly traceparent: string
  /** May it be delivered later, by the policy of its route? */
  readonly canWait: boolean
  /** Labels of the targets, primary first. */
  readonly targets: readonly string[]
  readonly headers: HeaderText
  readonly body: Uint8Array
}

export interface AttemptRecord {
  readonly callbackId: string
  readonly route: string
  readonly isProbe: boolean
  /** Id of the callback that this one repeats, or empty. */
  readonly duplicateOf: string
  /** What its streak is counted for; see callback/streak-key.ts. */
  readonly streakKey: string
  readonly number: number
  readonly target: Role
  readonly label: string
  readonly via: Via
  readonly startedAt: number
  readonly outcome: Outcome
  readonly status: number
  readonly dnsMs: number
  readonly connectMs: number
  readonly tlsMs: number
  readonly firstByteMs: number
  readonly totalMs: number
  readonly error: string
  readonly resent: boolean
  readonly reply: ReplyRecord | undefined
}

export interface ReplyRecord {
  readonly headers: readonly string[]
  /** At most what is kept for display. */
  readonly body: Uint8Array
  /** Length of the whole body. */
  readonly bytes: number
}

export interface SettledRecord {
  readonly callbackId: string
  readonly route: string
  readonly result: DeliveryResult
  readonly blame: Blame | ''
  readonly lastOutcome: Outcome | ''
  readonly answerStatus: number
  readonly answerMs: number
  /** NaN where nothing is due. */
  readonly dueAt: number
  /** Of the lease it was settled under; 0 without one. */
  readonly fence: number
  /** Of an xml answer. */
  readonly answer: { readonly contentType: string; readonly body: Uint8Array } | undefined
}

export interface RefusalRecord {
  readonly id: string
  readonly receivedAt: number
  readonly route: string
  readonly reason: RefusalReason
  readonly status: number
  readonly method: string
  readonly path: string
  readonly peer: string
}
