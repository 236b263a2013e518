import { hash } from 'node:crypto'

import { NO_EVENT } from '../callback/event.ts'
import { identityOfSignature } from './guard-key.ts'

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

/**
 * Identity of an event of a call as its handler reads it, for the replay guard; empty where two that read alike may
 * still be two: without a call or an event's name, or where callers repeat themselves. The content covers every field
 * that tells events apart.
 */
export function identityOfContent(told: {
  readonly route: string
  readonly call_id: string
  readonly event: string
  readonly raw_event: string
  readonly body_hash: string
}): string {
  const { route, call_id, event, raw_event, body_hash } = told
  if (call_id === '' || event === NO_EVENT || recurring.has(event)) return ''
  const text = JSON.stringify([route, call_id, event, raw_event, body_hash])
  return identityOfSignature(hash('sha256', text, 'hex'))
}
