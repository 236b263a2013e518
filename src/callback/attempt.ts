import type { AnswerFault } from './answer-fault.ts'
import type { Blame } from './blame.ts'
import type { Outcome } from './outcome.ts'
import type { Target } from './route.ts'

/** Why the attempt was made: as the callback came, from the rescue queue, or by an operator's replay. */
export type Via = 'live' | 'rescue' | 'replay'

/** Milliseconds each phase took; NaN where it did not happen (a reused connection has no dns, connect or tls). */
export interface Phases {
  readonly dns: number
  readonly connect: number
  readonly tls: number
  /** From the request being written to the first byte of the reply. */
  readonly firstByte: number
  readonly total: number
}

/** A complete reply: a handler's to us, or ours to the provider. */
export interface Reply {
  readonly status: number
  /** Names and values in turn, without hop-by-hop and framing headers. */
  readonly headers: readonly string[]
  readonly body: Uint8Array
}

/** One forwarded request to one target: the unit that ledger, metrics, log and alerts share. */
export interface Attempt {
  /** 1 for the first attempt of a callback, counted over live, rescue and replay. */
  readonly number: number
  readonly target: Target
  readonly via: Via
  /** Wall clock, milliseconds since the epoch. */
  readonly startedAt: number
  readonly outcome: Outcome
  readonly phases: Phases
  /** Status of the handler, 0 when none arrived. */
  readonly status: number
  /** What went wrong, in words for a person; empty on success. Never holds a secret. */
  readonly error: string
  /** True when a stale kept-alive connection forced the one resend. */
  readonly resent: boolean
  /** The complete reply; undefined when there was none. */
  readonly reply: Reply | undefined
  /** What the route's response contract found wrong with the reply; the outcome tells whether it counts as a failure. */
  readonly answerFault?: AnswerFault | undefined
}

/** What became of a callback. */
export const deliveryResults = [
  'delivered',
  'rescued',
  'delivered_late',
  'dead',
  'failed',
  'rejected',
  'filtered',
] as const
export type DeliveryResult = (typeof deliveryResults)[number]

/** The end of a callback's live passage: what became of it and what the provider was told. */
export interface Delivery {
  readonly result: DeliveryResult
  /** Set exactly when the callback failed or had to be rescued. */
  readonly blame: Blame | undefined
  /** Outcome of the last attempt; undefined when none was made. */
  readonly lastOutcome: Outcome | undefined
  /** Status sent to the provider. */
  readonly answerStatus: number
  /** From arrival to the answer, milliseconds. */
  readonly answerMs: number
  /** For `rescued`: when the next attempt is due, milliseconds since the epoch. */
  readonly dueAt: number | undefined
  /** An xml answer, kept so that a repeat after a restart is answered as before. */
  readonly answer: Reply | undefined
  /** Of a callback from the rescue queue: the fence of its lease. What is settled under a lost lease changes nothing. */
  readonly fence?: number | undefined
}

/** Why a request was not let in. Closed set, a metric label. */
export const refusalReasons = [
  'unknown_path',
  'method',
  'too_large',
  'malformed',
  'signature_missing',
  'signature_bad',
  'timestamp_bad',
  'timestamp_stale',
  'nonce_reused',
  'basic_auth',
  'address',
  'overloaded',
  'ledger_unavailable',
] as const
export type RefusalReason = (typeof refusalReasons)[number]
