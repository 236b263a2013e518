import { hash } from 'node:crypto'

import { isNonce } from '../dialects.ts'

/** Hex digits of one identity: 4 bits that tell its kind and 124 bits of a hash. */
export const IDENTITY_DIGITS = 32
/** Identities of one request at most: a signed body, the event in it, and both nonces. */
export const MOST_PIECES = 4
/** First digit of the identity of a request that goes stale by itself. */
const TIMED = '1'
/** First digit of the identity of a nonce, which stays valid for as long as its key. */
const UNTIMED = '0'
/** First digit of the identity of an event that the signed body names by an id. */
const EVENT = '2'
const PARSE_LIMIT_BYTES = 64 * 1024
const decoder = new TextDecoder()

/** The identity of a request whose (already verified, lower-case) hex signature covers time and body. */
export function identityOfSignature(signature: string): string {
  return TIMED + signature.slice(0, IDENTITY_DIGITS - 1)
}

/** The identity of a request whose (already verified, lower-case) hex signature covers the body and no time. */
export function identityOfBody(signature: string): string {
  return UNTIMED + signature.slice(0, IDENTITY_DIGITS - 1)
}

/**
 * The identity of the event that a signed JSON body tells of: `event_id`, or the trunk's `RequestID` together with the
 * event's name. Empty without one. The header `X-Vobiz-Request-ID` does not count: no signature covers it.
 */
export function identityOfEvent(body: Uint8Array): string {
  if (body.length === 0 || body.length > PARSE_LIMIT_BYTES) return ''
  const fields = jsonObject(body)
  const id = textOf(fields['event_id']) || textOf(fields['RequestID'])
  if (id === '') return ''
  const name = textOf(fields['event_type']) || textOf(fields['Event']) || textOf(fields['event'])
  return EVENT + hash('sha256', JSON.stringify([name, id]), 'hex').slice(0, IDENTITY_DIGITS - 1)
}

function jsonObject(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(decoder.decode(body))
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Is this the identity of an event? Its bytes may differ from one sending to the next, because they are signed. */
export function isOfEvent(identity: string): boolean {
  return identity.startsWith(EVENT)
}

/**
 * The identities of a request that is signed over URL and nonce. Both nonces count, whichever signature was judged:
 * else a capture could come a second time with its stronger signature cut off. The key does not, for the same
 * reason: MA variants reuse the nonces.
 */
export function identitiesOfNonces(baseUrl: string, v3: string | undefined, v2: string | undefined): string {
  const first = v3 !== undefined && isNonce(v3) ? identityOfNonce(baseUrl, v3) : ''
  if (v2 === undefined || v2 === v3 || !isNonce(v2)) return first
  return first + identityOfNonce(baseUrl, v2)
}

function identityOfNonce(baseUrl: string, nonce: string): string {
  return UNTIMED + hash('sha256', nonce + baseUrl, 'hex').slice(0, IDENTITY_DIGITS - 1)
}

/** Does the request go stale by itself, so that forgetting it early is no open door? */
export function isTimed(guardKey: string): boolean {
  return guardKey.startsWith(TIMED)
}
