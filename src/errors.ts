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
