/**
 * How one attempt ended. A closed set: it is a metric label, a column of the ledger and the key of the
 * plain-language remedies, so a new member breaks every exhaustive switch on purpose.
 */
export const outcomes = [
  'ok',
  'http_3xx',
  'http_4xx',
  'http_429',
  'http_5xx',
  'timeout_connect',
  'timeout_response',
  'dns',
  'refused',
  'reset',
  'tls',
  'protocol',
  'bad_xml',
  'too_large',
  'blocked_target',
  'circuit_open',
  'unknown',
] as const

export type Outcome = (typeof outcomes)[number]

/** The outcome that an HTTP status of a handler stands for. Any 2xx is the handler's success; the provider is told 200. */
export function outcomeOfStatus(status: number): Outcome {
  if (status >= 200 && status < 300) return 'ok'
  if (status === 429) return 'http_429'
  if (status >= 300 && status < 400) return 'http_3xx'
  if (status >= 400 && status < 500) return 'http_4xx'
  if (status >= 500 && status < 600) return 'http_5xx'
  return 'protocol'
}
