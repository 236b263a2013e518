import type { Facts } from './event.ts'
import type { HeaderText } from './header-text.ts'
import type { Kind } from './kind.ts'
import type { Route } from './route.ts'

export type { Kind } from './kind.ts'

/** One HTTP request from the provider, as it came. Nothing in it is ever changed. */
export interface Callback {
  /** Stable id, time-ordered (see id.ts): order of ids is order of arrival. Sent to handlers as X-Ringback-Delivery. */
  readonly id: string
  /** Wall clock at arrival, milliseconds since the epoch. */
  readonly receivedAt: number
  /** Monotonic clock at arrival, milliseconds; every deadline counts from here. */
  readonly startedAt: number
  readonly method: 'GET' | 'POST'
  /** Raw path as dialled, without the query; never decoded. */
  readonly path: string
  /** Raw query with its leading '?', or the empty string. */
  readonly query: string
  /** In the order and case they arrived. */
  readonly headers: HeaderText
  /** The bytes that signatures cover. */
  readonly body: Uint8Array
  /** Address of the sender, as far as trusted proxies vouch for it. */
  readonly peer: string
  /** Addresses of the trusted proxies it came through, nearest last, as X-Forwarded-For lists them; empty without. */
  readonly proxies?: string
}

/** What the signature check found; 'warned' is a bad signature on a route that only warns, 'unchecked' a route with signature: off. */
export type Verdict = 'verified' | 'warned' | 'unchecked'

/** A callback on its way through the pipeline, with all that is known of it. */
export interface Exchange {
  readonly callback: Callback
  readonly route: Route
  readonly facts: Facts
  readonly kind: Kind
  readonly verdict: Verdict
  /** Identity of the signed request for the replay guard: hex, or empty where the dialect has none. */
  readonly guardKey: string
  /**
   * SHA-256 as hex of the body, or of method, query and body where there is more than a POST's body (see hashContent):
   * equality can be proven also where bodies are not kept. Empty when not computed.
   */
  readonly bodyHash: string
  /** The id of the callback this one repeats, when the provider sent the same event again. */
  readonly duplicateOf?: string | undefined
  /** W3C trace context as received, or empty. */
  readonly traceparent: string
}
