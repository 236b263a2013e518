import type { Attempt } from '../callback/attempt.ts'

/** Jitter only adds: at most this share of the wait. */
const JITTER_SHARE = 0.2
/** No handler may put a callback off for longer, whatever its Retry-After says. */
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000
/** Statuses of the 400s that speak of now, not of the callback (RFC 9110 §15.5, RFC 8470, RFC 6585). */
const passing4xx: ReadonlySet<number> = new Set([408, 409, 425, 429])

/** What is to become of a callback after a round of attempts that no target took. */
export type Fate = { readonly result: 'rescued'; readonly dueAt: number } | { readonly result: 'dead' }

export interface FateOptions {
  /** Waits between retries, milliseconds. */
  readonly schedule: readonly number[]
  /** How many of them are behind it. */
  readonly step: number
  readonly nowMs: number
  /** In [0, 1). */
  readonly random: number
}

/**
 * When a callback is tried again, or that it never is: its retries are used up, or every target said that it will
 * not take this one.
 */
export function fateOf(attempts: readonly Attempt[], { schedule, step, nowMs, random }: FateOptions): Fate {
  const wait = schedule[step]
  if (wait === undefined || (attempts.length > 0 && attempts.every(isFinal))) return { result: 'dead' }
  const jittered = wait * (1 + JITTER_SHARE * random)
  const asked = Math.max(0, ...attempts.map((attempt) => retryAfterMs(attempt, nowMs)))
  return { result: 'rescued', dueAt: Math.round(nowMs + Math.max(jittered, asked)) }
}

/** Did the target say that this callback is not for it, now or later? */
function isFinal({ outcome, status }: Attempt): boolean {
  return outcome === 'http_4xx' && !passing4xx.has(status)
}

/** What a reply's Retry-After asks for (RFC 9110 §10.2.3: seconds or a date), milliseconds from now; 0 without one. */
function retryAfterMs({ reply }: Attempt, nowMs: number): number {
  const headers = reply?.headers ?? []
  const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === 'retry-after')
  const value = at === -1 ? '' : (headers[at + 1] ?? '')
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_MS) : 0
}
