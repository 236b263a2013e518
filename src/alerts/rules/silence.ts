import type { Finding } from '../rule.ts'
import { durationWords } from '../messages/words.ts'
import { dayNumber, isWithin, parseSpan, wallTime } from './schedule.ts'
import type { SilenceSettings } from './settings.ts'

/** What is usual: callbacks by hour of the week, in UTC. */
export interface Baseline {
  /** Weeks that it was learned from. */
  readonly weeks: number
  /** 168 numbers, from Sunday 00:00 UTC: what at least came in that hour in all but the worst week. */
  readonly hours: Float64Array
}

const HOUR_MS = 3_600_000
const WEEK_MS = 168 * HOUR_MS
/** The epoch was a Thursday. */
const FIRST_HOUR = 96
const STEP_MS = 60_000
/** Fewer weeks say nothing about a weekday. */
const LEAST_WEEKS = 2
/** With one week to leave out, a holiday or an outage in the past does not become the rule. */
const WEEKS_TO_LEAVE_OUT_ONE = 3
/** With so many callbacks due, and none there, chance is ruled out: e^-10 is one in 20,000. */
const DUE = 10
/** A silence is not looked at further back. */
const LONGEST_MS = 48 * HOUR_MS

export function hourOfWeek(at: number): number {
  return (Math.floor(at / HOUR_MS) + FIRST_HOUR) % 168
}

/**
 * Learns what is usual from full hours of the weeks before `now`.
 *
 * @param counts callbacks by start of the hour
 * @param firstAt when the route was first seen
 */
export function learnBaseline(counts: ReadonlyMap<number, number>, firstAt: number, now: number): Baseline {
  const weeks = Math.min(4, Math.floor((now - firstAt) / WEEK_MS))
  const hours = new Float64Array(168)
  const thisHour = now - (now % HOUR_MS)
  for (let back = 1; back <= 168; back++) {
    const start = thisHour - back * HOUR_MS
    const seen = Array.from({ length: weeks }, (_, week) => counts.get(start - week * WEEK_MS) ?? 0)
    seen.sort((a, b) => a - b)
    hours[hourOfWeek(start)] = seen[weeks >= WEEKS_TO_LEAVE_OUT_ONE ? 1 : 0] ?? 0
  }
  return { weeks, hours }
}

/**
 * Is a route silent while callbacks are due? With `active_hours` only their time counts; otherwise as many callbacks
 * must have been due, by what is usual at these hours of the week, that chance is ruled out.
 */
export function judgeSilence(
  lastAt: number | undefined,
  settings: SilenceSettings,
  { baseline, now }: { readonly baseline: Baseline | undefined; readonly now: number },
): Finding {
  if (lastAt === undefined) return { verdict: 'unclear', value: 0, reason: 'no callback was seen yet' }
  const silentMs = Math.max(0, now - lastAt)
  const reason = `no callback for ${durationWords(silentMs)} (limit ${durationWords(settings.after)})`
  const found = { value: silentMs, reason, since: lastAt }
  if (silentMs < settings.after) return { ...found, verdict: 'good' }
  const isFixed = settings.active_hours.length > 0
  if (!isFixed && (baseline === undefined || baseline.weeks < LEAST_WEEKS)) {
    return { ...found, verdict: 'unclear', reason: `${reason}; what is usual is not known yet` }
  }
  const { activeMs, due } = dueSince(Math.max(lastAt, now - LONGEST_MS), settings, { baseline, now })
  if (activeMs < settings.after) return { ...found, verdict: 'unclear' }
  if (isFixed) return { ...found, verdict: 'bad' }
  if (due < DUE) return { ...found, verdict: 'unclear' }
  return { ...found, verdict: 'bad', reason: `${reason}; about ${Math.round(due)} are usual in this time` }
}

/** Goes through the silence by the minute: how much of it was time in which callbacks are due, and how many. */
function dueSince(
  from: number,
  settings: SilenceSettings,
  { baseline, now }: { readonly baseline: Baseline | undefined; readonly now: number },
): { readonly activeMs: number; readonly due: number } {
  const spans = settings.active_hours.flatMap((text) => parseSpan(text) ?? [])
  const quietDays = new Set(settings.quiet_days.map(dayNumber))
  let activeMs = 0
  let due = 0
  for (let at = from; at < now; at += STEP_MS) {
    const step = Math.min(STEP_MS, now - at)
    const wall = wallTime(at, settings.timezone)
    if (quietDays.has(wall.dayNumber)) continue
    const usual = baseline?.hours[hourOfWeek(at)] ?? 0
    const isActive = spans.length === 0 ? usual > 0 : spans.some((span) => isWithin(span, wall))
    if (!isActive) continue
    activeMs += step
    due += (usual * step) / HOUR_MS
  }
  return { activeMs, due }
}
