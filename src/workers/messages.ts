import type { Answer } from '../callback/answer.ts'
import type { Callback } from '../callback/callback.ts'
import type { InFlightLimits } from '../ingress/in-flight.ts'
import type { TlsFiles } from '../ingress/server.ts'
import type { Errand, Result } from '../forward/send.ts'
import type { Refusal } from '../ledger/ledger.ts'
import type { HeadFacts, Scope } from '../pipeline.ts'
import type { PathEntry } from '../routing/paths.ts'
import type { Dialect, KeyRing, Verification } from '../verify/verifier.ts'

// What owner and worker say to each other. All of it is plain data; bytes go as bytes. Both ends are of one version:
// a worker is started from the files of its owner.

/** What a worker is told once, before anything else. */
export interface Orders {
  readonly kind: 'orders'
  /** Of the owner, see clock.ts: a worker tells moments on its owner's clock. */
  readonly monoOrigin: number
  /** How many workers there are. */
  readonly workers: number
  readonly tls: TlsFiles | undefined
  readonly trustedProxies: readonly string[]
  readonly maxBodyBytes: number
  readonly maxReplyBytes: number
  readonly maxInFlight: InFlightLimits
}

/** All that a worker knows of the configuration in force; a reload replaces it as a whole. */
export interface WorkerPolicy {
  /** By name. Of those without a key there is none. */
  readonly rings: readonly (readonly [
    name: string,
    KeyRing & { readonly dialects?: readonly Dialect[] | undefined },
  ])[]
  readonly paths: readonly PathEntry<PathScope>[]
  readonly publicBase: string
  /** Addresses that callbacks may come from; empty for any. */
  readonly providers: readonly string[]
  /** Ranges that may be dialled although they are not public. */
  readonly allowTargets: readonly string[]
}

/** What a worker has to know of a path. */
export interface PathScope extends Pick<Scope, 'ring' | 'signature'> {
  /** What refusals are booked under: the route's id or the account's. */
  readonly label: string
}

/** One callback among those that a worker holds. */
interface Numbered {
  readonly callback: number
}

/** A callback that arrived. */
export interface Handed extends Numbered {
  readonly kind: 'callback'
  /** Its id is empty: the owner's to give. */
  readonly arrived: Callback
  readonly head: HeadFacts
  /** Number of the policy that the worker had, and name of the ring that it used. */
  readonly policy: number
  readonly ring: string
  readonly verification: Verification | undefined
  readonly contentHash: string
}

/** One try to make for a callback. */
export interface SentErrand extends Numbered, Omit<Errand, 'timeoutMs' | 'late' | 'request'> {
  readonly kind: 'errand'
  /** Counted for each callback, from 1. */
  readonly errand: number
  /** On the owner's monotonic clock. */
  readonly endsAt: number
  readonly request: Omit<Errand['request'], 'body'>
  /** Is the body of the callback sent along? */
  readonly hasBody: boolean
}

/** What the provider is told; without `answer` it is the reply of the last errand as it came, with this status. */
interface Answered extends Numbered {
  readonly kind: 'answer'
  readonly status: number
  readonly answer: Answer | undefined
}

/** From the owner to a worker. */
export type OwnerSays =
  | Orders
  | { readonly kind: 'policy'; readonly number: number; readonly policy: WorkerPolicy }
  | { readonly kind: 'call'; readonly path: string; readonly scope: PathScope | undefined }
  | SentErrand
  | Answered
  | { readonly kind: 'certificate'; readonly files: TlsFiles }
  | { readonly kind: 'close'; readonly graceMs: number }

/** From a worker to its owner. */
export type WorkerSays =
  | { readonly kind: 'listening'; readonly address: string }
  | { readonly kind: 'took'; readonly number: number }
  | { readonly kind: 'ask_call'; readonly path: string }
  | Handed
  | (Numbered & { readonly kind: 'result'; readonly errand: number; readonly result: Result })
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'resolved'; readonly host: string; readonly addresses: readonly string[] }
  | { readonly kind: 'shown'; readonly origin: string; readonly certificateExpiresAt: number }
  | { readonly kind: 'failed'; readonly problem: string }
