import type { Outcome } from '../callback/outcome.ts'
import type { ReplyFault } from './wire/reply-fault.ts'

/** Why a try gave no complete reply: the outcome and a sentence for people that holds no secret. */
export interface Failure {
  readonly outcome: Outcome
  readonly error: string
}

/** A Failure in the form that libraries hand through. Its code is none that undici gives a meaning to. */
export class FailureError extends Error {
  override readonly name = 'FailureError'
  readonly code = 'RINGBACK_FORWARD'
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.error)
    this.failure = failure
  }
}

/** Codes of a connection that the other side closed or reset. */
const closed: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])
/** Our machine is out of something: no fault of the target. */
const ownShortage: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM'])
const unreachable: ReadonlySet<string> = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EAFNOSUPPORT',
])

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** What an error before the connection stood means; `peer` names the other side. */
export function connectFailure(error: unknown, peer: string): Failure {
  const code = codeOf(error)
  if (code === 'ECONNREFUSED') return { outcome: 'refused', error: `connection refused by ${peer}` }
  if (unreachable.has(code)) return { outcome: 'refused', error: `${peer} is unreachable (${code})` }
  if (code === 'ETIMEDOUT') return { outcome: 'timeout_connect', error: `no connection to ${peer} (${code})` }
  if (closed.has(code)) return { outcome: 'reset', error: `${peer} reset the connection at once` }
  if (ownShortage.has(code)) {
    return { outcome: 'unknown', error: `this machine could not open a connection (${code})` }
  }
  return { outcome: 'refused', error: `no connection to ${peer} (${code === '' ? 'unknown reason' : code})` }
}

const certificates: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the authority of its certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'the authority of its certificate is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority of its certificate is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate chain is incomplete, or its authority not known',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS on this port',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'no TLS version in common (1.2 or newer is needed)',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'no TLS version in common (1.2 or newer is needed)',
  ECONNRESET: 'the connection was closed during the handshake',
  EPIPE: 'the connection was closed during the handshake',
}

/** What an error during the TLS handshake means. */
export function tlsFailure(error: unknown, peer: string): Failure {
  const code = codeOf(error)
  return {
    outcome: 'tls',
    error: `no secure connection to ${peer}: ${certificates[code] ?? `handshake failed (${code})`}`,
  }
}

/** The other side closed the connection before its reply was complete; `peer` names it. */
export function cutReply(peer: string, hasBytes: boolean): Failure {
  const when = hasBytes ? 'in the middle of its reply' : 'before it replied'
  return { outcome: 'reset', error: `${peer} closed the connection ${when}` }
}

/** What an error on a standing connection means. */
export function brokenExchange(error: Error, peer: string, hasBytes: boolean): Failure {
  const code = codeOf(error)
  if (closed.has(code)) return cutReply(peer, hasBytes)
  if (code.startsWith('ERR_SSL_')) return tlsFailure(error, peer)
  return { outcome: 'reset', error: `the connection to ${peer} broke (${code === '' ? error.name : code})` }
}

/** The bytes that came are no reply that could be passed on. */
export function refusedReply({ outcome, what }: ReplyFault, peer: string): Failure {
  return outcome === 'too_large'
    ? { outcome, error: `${what} of ${peer} is too large` }
    : { outcome, error: `the reply of ${peer} is not valid HTTP/1.1 (${what})` }
}
