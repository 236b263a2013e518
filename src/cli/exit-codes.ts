import type { ErrorCode } from '../errors.ts'

/** Exit codes of the command line, for scripts. */
export const exitCodes = {
  ok: 0,
  general: 1,
  usage: 2,
  config: 3,
  unreachable: 4,
  not_found: 5,
  handler_failed: 6,
  check_failed: 7,
  not_allowed: 8,
  ledger: 1,
  /** By Ctrl-C, before there was an answer: 128 and the number of the signal, as shells have it. */
  interrupted: 130,
} as const satisfies Record<ErrorCode | 'ok' | 'general' | 'interrupted', number>

/** What `--help` prints of them. */
export const exitCodeHelp =
  'Exit codes: 0 ok, 1 general, 2 usage, 3 configuration, 4 unreachable, 5 not found,\n' +
  '            6 handler failed, 7 check failed, 8 not allowed, 130 interrupted'
