import { hash } from 'node:crypto'

import { NO_EVENT } from '../callback/event.ts'
import { IDENTITY_DIGITS, identityOfSignature } from './guard/guard-key.ts'

/**
 * SHA-256 over all that a handler can read of a request and no signature need cover: method, query and body.
 * It is the hash of the body alone for the common POST without a query.
 */
export function hashContent(request: {
  readonly method: string
  readonly query: string
  readonly body: Uint8Array
}): string {
  const ofBody = hash('sha256', request.body, 'hex')
  if (request.method === 'POST' && request.query === '') return ofBody
  return hash('sha256', `${request.method} ${request.query} ${ofBody}`, 'hex')
}

/** Events that a caller may bring about twice in the same words, such as pressing a key. */
const recurring: ReadonlySet<string> = new Set(['DialDigitsMatch', 'ConferenceDigitsMatch'])

/** Digits of an identity that tell the route; the rest are of the content. */
const ROUTE_DIGITS = 8
const routeMarks = new Map<string, string>()
const MOST_MARKS = 10_000

/**
 * Identity of an event of a call as its handler reads it, for the replay guard; empty where two that read alike may
 * still be two: without a call or an event's name, or where callers repeat themselves. The content says all of it: call
 * and event are fields of what was hashed.
 */
export function identityOfContent(told: {
  readonly route: string
  readonly call_id: string
  readonly event: string
  readonly body_hash: string
}): string {
  return told.call_id === '' ? '' : identityOfEventRow(told)
}

/** The same of a callback that is known to have a call. */
export function identityOfEventRow(told: {
  readonly route: string
  readonly event: string
  readonly body_hash: string
}): string {
  const { route, event, body_hash } = told
  if (event === NO_EVENT || recurring.has(event)) return ''
  const mark = markOf(route)
  return mark + body_hash.slice(0, IDENTITY_DIGITS - mark.length)
}

/** The first digits of the identities of a route. */
function markOf(route: string): string {
  let mark = routeMarks.get(route)
  if (mark === undefined) {
    mark = identityOfSignature(hash('sha256', route, 'hex').slice(0, ROUTE_DIGITS))
    if (routeMarks.size < MOST_MARKS) routeMarks.set(route, mark)
  }
  return mark
}
