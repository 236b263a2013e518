import type { Finding } from '../rule.ts'
import { durationWords } from '../messages/words.ts'
import type { RuleSettings } from './settings.ts'
import type { Counts } from './tally.ts'

// Rules over what a route counted in a window. Each is pure. A share fires above its limit and resolves below half
// of it, so that a value at the limit does not flap; without anything counted there is nothing to complain of.

export function judgeFailureRate(counts: Counts, settings: RuleSettings['failure_rate']): Finding {
  return judgeShare(counts.failed, counts.callbacks, { ...settings, what: 'callbacks failed' })
}

export function judgeSlowResponses(counts: Counts, settings: RuleSettings['slow_responses']): Finding {
  const what = `callbacks took over ${percent(settings.of_deadline)} of the deadline`
  return judgeShare(counts.slow, counts.callbacks, { ...settings, what })
}

export function judgeFallbackInUse(counts: Counts, settings: RuleSettings['fallback_in_use']): Finding {
  return judgeShare(counts.byFallback, counts.callbacks, {
    ...settings,
    what: 'callbacks were taken by the fallback handler',
  })
}

export function judgeDeadlineMisses(counts: Counts, settings: RuleSettings['deadline_misses']): Finding {
  return judgeCount(counts.missed, settings, 'callbacks missed the deadline')
}

export function judgeSignatureFailures(
  counts: Counts,
  settings: RuleSettings['signature_failures'],
): Finding {
  return judgeCount(counts.refused, settings, 'callbacks were refused for their signature')
}

interface Share {
  readonly above: number
  readonly window: number
  readonly min_callbacks: number
  readonly what: string
}

function judgeShare(part: number, whole: number, { above, window, min_callbacks, what }: Share): Finding {
  const value = whole === 0 ? 0 : part / whole
  // None at all is well however few were counted.
  const isTooFew = part > 0 && whole < min_callbacks
  const measured = `${part} of ${whole} ${what} in ${durationWords(window)} (${percent(value)}, limit ${percent(above)})`
  const reason = isTooFew ? `${measured}; fewer than ${min_callbacks} decide nothing` : measured
  if (!isTooFew && value > above) return { verdict: 'bad', value, reason }
  const isCalm = !isTooFew && value <= above / 2
  return { verdict: isCalm ? 'good' : 'unclear', value, reason }
}

function judgeCount(
  value: number,
  { at_least, window }: { readonly at_least: number; readonly window: number },
  what: string,
): Finding {
  const reason = `${value} ${what} in ${durationWords(window)} (limit ${at_least})`
  return { verdict: value >= at_least ? 'bad' : value === 0 ? 'good' : 'unclear', value, reason }
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))} %`
}
