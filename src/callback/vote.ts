import type { Via } from './attempt.ts'
import type { Outcome } from './outcome.ts'

/** What has to be known of an attempt to count it. */
export interface Voter {
  readonly callbackId: string
  /** Id of the callback that this one repeats, or empty. */
  readonly duplicateOf: string
  readonly isProbe: boolean
  readonly via: Via
  /** 1 for the first attempt of the callback, counted over live, rescue and replay. */
  readonly number: number
  readonly outcome: Outcome
}

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
export function voteOf({ callbackId, duplicateOf, isProbe, via, number, outcome }: Voter): Vote | undefined {
  if (isProbe) return undefined
  switch (outcome) {
    case 'ok':
      return { callbackId, succeeded: true }
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
      // What was answered before any handler was asked has its first try later.
      if (via !== 'live' && !(via === 'rescue' && number === 1)) return undefined
      return { callbackId: duplicateOf === '' ? callbackId : duplicateOf, succeeded: false }
  }
}
