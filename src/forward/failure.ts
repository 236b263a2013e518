import { errors } from 'undici'

import type { Outcome } from '../callback/outcome.ts'

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
const closed: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET'])
/** Our machine is out of something: no fault of the target. */
const ownShortage: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM'])
const unreachable: ReadonlySet<string> = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EAFNOSUPPORT',
])

/** Texts of undici's socket errors that mean a reply of the wrong kind, not a closed connection. */
const wrongReplies: Readonly<Record<string, string>> = {
  'bad upgrade': 'switched protocols without being asked (101)',
  'bad response': 'sent an interim reply where none was expected',
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Whether an error means that the other side closed the connection, whatever it had sent before. */
export function isClosed(error: Error): boolean {
  return closed.has(codeOf(error)) && !Object.hasOwn(wrongReplies, error.message)
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

/** How far an exchange had come when it failed. */
export interface Progress {
  /** The head of the reply had arrived. */
  readonly hasHead: boolean
  /** The other side had closed the connection. */
  readonly isClosed: boolean
}

/** What an error on a standing connection means; `peer` names the other side. */
export function exchangeFailure(error: Error, peer: string, progress: Progress): Failure {
  if (error instanceof FailureError) return error.failure
  const code = codeOf(error)
  const wrong = wrongReplies[error.message]
  if (code === 'UND_ERR_SOCKET' && wrong !== undefined)
    return { outcome: 'protocol', error: `${peer} ${wrong}` }
  if (closed.has(code) || (progress.isClosed && isBadReply(error))) {
    const when = progress.hasHead ? 'in the middle of its reply' : 'before it replied'
    return { outcome: 'reset', error: `${peer} closed the connection ${when}` }
  }
  if (isBadReply(error)) {
    return { outcome: 'protocol', error: `the reply of ${peer} is not valid HTTP/1.1${reasonOf(error)}` }
  }
  if (code.startsWith('ERR_SSL_')) return tlsFailure(error, peer)
  switch (code) {
    case 'UND_ERR_HEADERS_OVERFLOW':
      return { outcome: 'too_large', error: `the head of the reply of ${peer} is too large` }
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
      return { outcome: 'too_large', error: `the reply of ${peer} is too large` }
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
      return { outcome: 'protocol', error: `the callback cannot be sent as HTTP: ${error.message}` }
    default:
      return {
        outcome: 'reset',
        error: `the connection to ${peer} broke (${code === '' ? error.name : code})`,
      }
  }
}

/** undici gave up on the reply: its parser, the check of Content-Length, or an assertion (a status below 100). */
function isBadReply(error: Error): boolean {
  return (
    error instanceof errors.HTTPParserError ||
    error instanceof errors.ResponseContentLengthMismatchError ||
    codeOf(error) === 'ERR_ASSERTION'
  )
}

/** The parser's own words, such as "Missing expected LF after header value": fixed texts, nothing of the reply. */
function reasonOf(error: Error): string {
  const reason = /\(([^)]+)\)/.exec(error.message)?.[1]
  return reason === undefined ? '' : ` (${reason})`
}
