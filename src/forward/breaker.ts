import { LRUCache } from 'lru-cache'

import type { Outcome } from '../callback/outcome.ts'
import type { Target } from '../callback/route.ts'
import type { Clock } from '../clock.ts'

/** A target that is skipped at present. */
interface OpenCircuit {
  /** The target's label, without secrets. */
  readonly target: string
  readonly failures: number
  /** Monotonic milliseconds of the next probe. */
  readonly nextProbeAt: number
}

/** Circuit breaker: a target that keeps failing is skipped, but for a probe now and then. */
export interface Breaker {
  /** May this target be tried now? Taking a probe counts: the next one is due after `probeEveryMs`. */
  mayTry(target: Target): boolean
  ended(target: Target, outcome: Outcome): void
  /** The targets that are skipped at present. */
  open(): readonly OpenCircuit[]
  /** Is this target skipped at present, but for probes? */
  isOpen(target: Target): boolean
  /** When the next probe of a skipped target is due, monotonic milliseconds; undefined when it is not skipped. */
  nextProbeAt(target: Target): number | undefined
}

interface State {
  readonly label: string
  failures: number
  nextProbeAt: number
}

const MOST_TARGETS = 10_000

export function createBreaker(options: {
  readonly clock: Clock
  readonly afterFailures: number
  readonly probeEveryMs: number
}): Breaker {
  const { clock, afterFailures, probeEveryMs } = options
  /** Only targets that failed last; the bound is for per-call URLs, of which there is no end. */
  const failing = new LRUCache<string, State>({ max: MOST_TARGETS })
  return {
    mayTry(target) {
      if (failing.size === 0) return true // mostly; keys are joined and looked up for each callback else
      const state = failing.get(keyOf(target))
      if (state === undefined || state.failures < afterFailures) return true
      const now = clock.mono()
      if (now < state.nextProbeAt) return false
      state.nextProbeAt = now + probeEveryMs
      return true
    },
    ended(target, outcome) {
      const sign = signOf(outcome)
      if (sign === 'none') return
      if (sign === 'alive') {
        if (failing.size > 0) failing.delete(keyOf(target))
        return
      }
      const key = keyOf(target)
      const state = failing.get(key) ?? { label: target.label, failures: 0, nextProbeAt: 0 }
      state.failures += 1
      if (state.failures === afterFailures) state.nextProbeAt = clock.mono() + probeEveryMs
      failing.set(key, state)
    },
    isOpen: (target) => (failing.peek(keyOf(target))?.failures ?? 0) >= afterFailures,
    nextProbeAt(target) {
      const state = failing.peek(keyOf(target))
      return state !== undefined && state.failures >= afterFailures ? state.nextProbeAt : undefined
    },
    open: () =>
      [...failing.values()]
        .filter((state) => state.failures >= afterFailures)
        .map((state) => ({ target: state.label, failures: state.failures, nextProbeAt: state.nextProbeAt })),
  }
}

/** The query may differ from call to call; the place is the same. */
function keyOf(target: Target): string {
  const mark = target.path.indexOf('?')
  return target.origin + (mark === -1 ? target.path : target.path.slice(0, mark))
}

/** What an outcome says about the health of a target: a refusal of one callback (4xx) shows that it is alive. */
function signOf(outcome: Outcome): 'alive' | 'failing' | 'none' {
  switch (outcome) {
    case 'ok':
    case 'http_3xx':
    case 'http_4xx':
    case 'bad_xml':
      return 'alive'
    case 'http_429':
    case 'http_5xx':
    case 'timeout_connect':
    case 'timeout_response':
    case 'dns':
    case 'refused':
    case 'reset':
    case 'tls':
    case 'protocol':
    case 'too_large':
      return 'failing'
    case 'blocked_target':
    case 'circuit_open':
    case 'unknown':
      return 'none'
  }
}
