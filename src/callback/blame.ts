import type { Outcome } from './outcome.ts'

/** Who caused a failure. Every failed callback has exactly one. */
export const blames = ['provider', 'proxy', 'handler', 'config'] as const
export type Blame = (typeof blames)[number]

/** Whom a failed attempt is charged to; undefined for a success. */
export function blameOf(outcome: Outcome): Blame | undefined {
  switch (outcome) {
    case 'ok':
      return undefined
    case 'unknown':
      return 'proxy'
    case 'blocked_target':
      return 'config'
    case 'http_3xx':
    case 'http_4xx':
    case 'http_429':
    case 'http_5xx':
    case 'timeout_connect':
    case 'timeout_response':
    case 'dns':
    case 'refused':
    case 'reset':
    case 'tls':
    case 'protocol':
    case 'bad_xml':
    case 'too_large':
    case 'circuit_open':
      return 'handler'
  }
}
