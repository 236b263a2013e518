import { type ErrorCode, RingbackError } from '../errors.ts'
import type { Problem } from './api.ts'

/** A request that does not fit the schema of its endpoint. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest'
  readonly errors: NonNullable<Problem['errors']>

  constructor(errors: NonNullable<Problem['errors']>) {
    super(errors.map(({ field, message }) => `${field}: ${message}`).join('; '))
    this.errors = errors
  }
}

/** A refusal by the port itself: not found, not allowed, too much. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

const statusOf = {
  config: 422,
  usage: 400,
  unreachable: 502,
  not_found: 404,
  handler_failed: 502,
  check_failed: 422,
  not_allowed: 403,
  ledger: 503,
} satisfies Record<ErrorCode, number>

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Token needed',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  413: 'Body too large',
  415: 'Unsupported media type',
  421: 'Misdirected request',
  422: 'Not usable',
  429: 'Too many failures',
  500: 'Internal error',
  502: 'Bad gateway',
  503: 'Not available',
}

/** The problem document of a foreseen error; undefined for one that nobody foresaw. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof InvalidRequest) {
    return { ...problem(400, 'invalid_request', error.message), errors: error.errors }
  }
  if (error instanceof Refused) return problem(error.status, error.code, error.message)
  if (error instanceof RingbackError) return problem(statusOf[error.code], error.code, error.message)
  return undefined
}

export function problem(status: number, code: string, detail: string): Problem {
  return { type: 'about:blank', title: titles[status] ?? 'Error', status, detail, code }
}

/** What Fastify itself refuses: unreadable JSON, a body too large, another content type. */
export function problemOfFramework(error: unknown): Problem | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') {
    return undefined
  }
  const { statusCode } = error
  return statusCode >= 400 && statusCode < 500 ? problem(statusCode, 'bad_request', error.message) : undefined
}
