const STEPS_MS: readonly number[] = [5_000, 15_000, 30_000, 60_000, 120_000, 300_000]
const GIVE_UP_AFTER_MS = 24 * 3_600_000
const JITTER = 0.1

/**
 * When a message is tried again, by the clock that `now` is of; undefined when it is given up. The far side's wish
 * is followed when it is later than the plan's own step.
 */
export function nextTryAt(
  message: { readonly tries: number; readonly created_at: number },
  wishMs: number | undefined,
  { now, random }: { readonly now: number; readonly random: () => number },
): number | undefined {
  if (now - message.created_at >= GIVE_UP_AFTER_MS) return undefined
  const step = STEPS_MS[Math.min(message.tries, STEPS_MS.length) - 1] ?? STEPS_MS[0] ?? 0
  const wait = step * (1 + JITTER * random())
  return now + Math.round(Math.max(wait, wishMs ?? 0))
}
