import type { Attempt } from './attempt.ts'
import type { Exchange } from './callback.ts'

/** What one attempt says about its target in the streak of its route, and as which callback it counts. */
export interface Vote {
  readonly callbackId: string
  readonly succeeded: boolean
}

/**
 * How an attempt counts in the streak; undefined when it says nothing about the handler: it never reached one
 * (blocked, circuit open, cut off by a crash of ours), it was the platform testing a URL, or it was a later try
 * of a failure that was counted when it was live. A repeat by the provider fails as the callback it repeats, so
 * that one event counts once, and succeeds as itself, because it arrived later.
 */
export function voteOf(exchange: Exchange, attempt: Attempt): Vote | undefined {
  if (exchange.facts.isProbe) return undefined
  const own = exchange.callback.id
  switch (attempt.outcome) {
    case 'ok':
      return { callbackId: own, succeeded: true }
    case 'blocked_target':
    case 'circuit_open':
    case 'unknown':
      return undefined
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
      if (attempt.via !== 'live') return undefined
      return { callbackId: exchange.duplicateOf ?? own, succeeded: false }
  }
}
