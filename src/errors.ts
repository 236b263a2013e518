/** Foreseen errors of our own, as a closed list; the command line and the ports map each to a code. */
export const errorCodes = [
  'config',
  'usage',
  'unreachable',
  'not_found',
  'handler_failed',
  'check_failed',
  'not_allowed',
  'ledger',
] as const
export type ErrorCode = (typeof errorCodes)[number]

/** An error whose message is meant for the person in front of it: what is wrong, where, and the remedy. */
export class RingbackError extends Error {
  override readonly name = 'RingbackError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** What an error says of itself; anything else that was thrown, as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The same of what lies behind an error, where it names that: `fetch` says no more than that it failed. */
export function reasonOf(error: unknown): string {
  return messageOf(error instanceof Error && error.cause instanceof Error ? error.cause : error)
}

/** Name that the system has for an error, such as ENOENT; empty where it is none of the system's. */
export function systemCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
