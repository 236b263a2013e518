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

/** From when on a target is skipped, and how often it is tried then. */
export interface BreakerLimits {
  readonly afterFailures: number
  readonly probeEveryMs: number
}

interface State {
  readonly label: string
  failures: number
  /** When it last failed before it was skipped, or was probed; monotonic milliseconds. */
  triedAt: number
}

const MOST_TARGETS = 10_000

/** @param options.limits gives those in force: other ones count at once, also for targets that are skipped already */
export function createBreaker(options: {
  readonly clock: Clock
  readonly limits: () => BreakerLimits
}): Breaker {
  const { clock, limits } = options
  const isSkipped = (state: State): boolean => state.failures >= limits().afterFailures
  const nextProbeAt = (state: State): number => state.triedAt + limits().probeEveryMs
  /** Only targets that failed last; the bound is for per-call URLs, of which there is no end. */
  const failing = new LRUCache<string, State>({ max: MOST_TARGETS })
  return {
    mayTry(target) {
      if (failing.size === 0) return true // mostly; keys are joined and looked up for each callback else
      const state = failing.get(keyOf(target))
      if (state === undefined || !isSkipped(state)) return true
      const now = clock.mono()
      if (now < nextProbeAt(state)) return false
      state.triedAt = now
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
      const state = failing.get(key) ?? { label: target.label, failures: 0, triedAt: 0 }
      if (!isSkipped(state)) state.triedAt = clock.mono()
      state.failures += 1
      failing.set(key, state)
    },
    isOpen(target) {
      const state = failing.peek(keyOf(target))
      return state !== undefined && isSkipped(state)
    },
    nextProbeAt(target) {
      const state = failing.peek(keyOf(target))
      return state !== undefined && isSkipped(state) ? nextProbeAt(state) : undefined
    },
    open: () =>
      [...failing.values()]
        .filter(isSkipped)
        .map((state) => ({ target: state.label, failures: state.failures, nextProbeAt: nextProbeAt(state) })),
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
