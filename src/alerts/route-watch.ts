import type { Attempt, Delivery } from '../callback/attempt.ts'
import type { Target } from '../callback/route.ts'
import { isWanted } from '../callback/event.ts'
import type { Clock } from '../clock.ts'
import type { SeenCallback, SeenEnd } from './heard.ts'
import type { Finding, Rule } from './rule.ts'
import { CallsUnderWay } from './rules/calls-under-way.ts'
import type { RuleSettings } from './rules/settings.ts'
import { type Baseline, judgeSilence } from './rules/silence.ts'
import { LONGEST_WINDOW_MS, type Tally } from './rules/tally.ts'
import {
  judgeDeadlineMisses,
  judgeFailureRate,
  judgeFallbackInUse,
  judgeSignatureFailures,
  judgeSlowResponses,
} from './rules/traffic.ts'

/** The rules that watch a route as a whole, from its own traffic. */
export const trafficRules = [
  'failure_rate',
  'slow_responses',
  'deadline_misses',
  'no_callbacks',
  'stuck_calls',
  'signature_failures',
  'fallback_in_use',
] as const satisfies readonly Rule[]
type TrafficRule = (typeof trafficRules)[number]

/** What is counted of one route. Counting is cheap and happens with every callback; judging is not and does not. */
export class RouteWatch {
  readonly tally: Tally
  readonly #calls = new CallsUnderWay()
  baseline: Baseline | undefined
  #byFallback = ''
  #startedAt: number

  constructor(clock: Pick<Clock, 'wall'>, tally: Tally) {
    this.tally = tally
    this.#startedAt = clock.wall()
  }

  /** Of attempts that are not notable nothing is counted. */
  attempted({ callback }: Pick<SeenCallback, 'callback'>, attempt: SeenAttempt): void {
    if (isLateFailure(attempt)) this.tally.add('failed', callback.receivedAt)
    if (isFallbackSuccess(attempt)) this.#byFallback = callback.id
  }

  /** @returns the rules that this callback is a bad sign for */
  settled(exchange: SeenCallback, delivery: SeenEnd, settings: RuleSettings): readonly TrafficRule[] {
    if (delivery.fence !== undefined) return nothing // it was counted when it was answered
    const { callback, facts, route } = exchange
    const at = callback.receivedAt
    const { no_callbacks, slow_responses } = settings
    if (no_callbacks.events.length === 0 || isWanted(facts.event, setOf(no_callbacks.events)))
      this.tally.live(at)
    this.#calls.saw(facts.event, facts.callId, at)
    this.tally.add('callbacks', at)
    const isFailed = failures.has(delivery.result) && !isUntried(delivery)
    const isSlow = delivery.answerMs > route.deadlineMs * slow_responses.of_deadline
    const isMissed = isLate(exchange, delivery)
    const isByFallback = this.#byFallback === callback.id
    // The usual case: this runs with every callback, so it makes nothing new.
    if (!isFailed && !isSlow && !isMissed && !isByFallback) return nothing
    const bad: TrafficRule[] = []
    if (isFailed) {
      this.tally.add('failed', at)
      bad.push('failure_rate')
    }
    if (isSlow) {
      this.tally.add('slow', at)
      bad.push('slow_responses')
    }
    if (isMissed) {
      this.tally.add('missed', at)
      bad.push('deadline_misses')
    }
    if (isByFallback) {
      this.tally.add('byFallback', at)
      bad.push('fallback_in_use')
    }
    return bad
  }

  /** Could any rule find something? False for a route that was well for as long as rules look back, which is the usual case. */
  mayBeTroubled(settings: RuleSettings, now: number): boolean {
    this.#follow(now)
    return (
      now - this.tally.troubledAt <= LONGEST_WINDOW_MS ||
      now - (this.#aliveAt ?? now) >= settings.no_callbacks.after ||
      now - this.#calls.oldestAt(now) > settings.stuck_calls.max_duration
    )
  }

  judge(rule: TrafficRule, settings: RuleSettings, now: number): Finding {
    this.#follow(now)
    const finding = this.#find(rule, settings, now)
    const { window = FORGETFUL_MS } = settings[rule] as { readonly window?: number }
    // What was counted before the start is gone: until the window is full again, nothing counted proves nothing.
    const isForgetful = rule !== 'no_callbacks' && now - this.#startedAt < window
    return finding.verdict === 'good' && isForgetful ? { ...finding, verdict: 'unclear' } : finding
  }

  /** What lies ahead of a clock that was set back lasts from now on, not only from when the clock has caught up. */
  #follow(now: number): void {
    // Not Math.min: every tick would write to every route.
    if (this.#startedAt > now) this.#startedAt = now
    this.tally.follow(now)
  }

  get #aliveAt(): number | undefined {
    const { aliveAt } = this.tally
    return aliveAt === -Infinity ? undefined : aliveAt
  }

  #find(rule: TrafficRule, settings: RuleSettings, now: number): Finding {
    switch (rule) {
      case 'failure_rate':
        return judgeFailureRate(this.tally.over(settings.failure_rate.window, now), settings.failure_rate)
      case 'slow_responses':
        return judgeSlowResponses(
          this.tally.over(settings.slow_responses.window, now),
          settings.slow_responses,
        )
      case 'deadline_misses':
        return judgeDeadlineMisses(
          this.tally.over(settings.deadline_misses.window, now),
          settings.deadline_misses,
        )
      case 'signature_failures':
        return judgeSignatureFailures(
          this.tally.over(settings.signature_failures.window, now),
          settings.signature_failures,
        )
      case 'fallback_in_use':
        return judgeFallbackInUse(
          this.tally.over(settings.fallback_in_use.window, now),
          settings.fallback_in_use,
        )
      case 'no_callbacks':
        return judgeSilence(this.#aliveAt, settings.no_callbacks, { baseline: this.baseline, now })
      case 'stuck_calls':
        this.#calls.forget(now - settings.stuck_calls.max_duration - STUCK_KEPT_MS)
        return this.#calls.judge(settings.stuck_calls, now)
    }
  }
}

type SeenAttempt = Pick<Attempt, 'outcome' | 'via' | 'number'> & { readonly target: Pick<Target, 'role'> }

/** Does it say more than that its callback was tried, as nearly every one does? */
export function isNotable(attempt: SeenAttempt): boolean {
  return isLateFailure(attempt) || isFallbackSuccess(attempt)
}

/** Its callback was answered before any handler was asked: whether it failed shows only now. */
function isLateFailure({ via, number, outcome }: SeenAttempt): boolean {
  return via === 'rescue' && number === 1 && outcome !== 'ok'
}

function isFallbackSuccess({ outcome, target }: SeenAttempt): boolean {
  return outcome === 'ok' && target.role === 'fallback'
}

const FORGETFUL_MS = 10 * 60_000
/** A call that is stuck is told of for a day. */
const STUCK_KEPT_MS = 86_400_000

/** Settings are shared by many routes, and so are the sets that are made of them. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>()

function setOf(events: readonly string[]): ReadonlySet<string> {
  let set = sets.get(events)
  if (set === undefined) {
    set = new Set(events)
    sets.set(events, set)
  }
  return set
}

const nothing: readonly TrafficRule[] = []

/** It waits because its route answers first, or behind another one of its call. */
function isUntried({ result, lastOutcome }: SeenEnd): boolean {
  return result === 'rescued' && lastOutcome === undefined
}

const failures: ReadonlySet<Delivery['result']> = new Set(['failed', 'rescued', 'dead'])

/** Answered too late, or for a handler that did not answer within the budget. */
function isLate({ route }: SeenCallback, { answerMs, result, lastOutcome }: SeenEnd): boolean {
  if (answerMs > route.deadlineMs) return true
  if (result === 'delivered') return false
  return lastOutcome === 'timeout_response' || lastOutcome === 'timeout_connect'
}
