/** Of a budget of 2.8 s the primary gets at most 1.6 s when a fallback waits, and the fallback needs at least 0.7 s. */
const PRIMARY_SHARE = 1600 / 2800
const FALLBACK_SHARE = 700 / 2800
/** Kept back for writing down the outcome and sending the answer: 100 ms of 2.8 s, and never more. */
const RESERVE_SHARE = 100 / 2800
const MOST_RESERVE_MS = 100

/** How much of the whole time is for the targets. All times are milliseconds. */
export function timeForTargets(wholeMs: number): number {
  return wholeMs - Math.min(wholeMs * RESERVE_SHARE, MOST_RESERVE_MS)
}

/**
 * How long the primary may take. It leaves the fallback its least share, unless so little time is left that
 * then neither of them could work: in that case it gets all.
 */
export function timeForPrimary(leftMs: number, wholeMs: number, hasFallback: boolean): number {
  if (leftMs <= 0) return 0
  if (!hasFallback) return leftMs
  const besideFallback = leftMs - wholeMs * FALLBACK_SHARE
  if (besideFallback < wholeMs * FALLBACK_SHARE) return leftMs
  return Math.min(wholeMs * PRIMARY_SHARE, besideFallback)
}

/** How long the fallback may take after the primary failed; 0 means that it is not worth a try. */
export function timeForFallback(leftMs: number, wholeMs: number): number {
  return leftMs >= wholeMs * FALLBACK_SHARE ? leftMs : 0
}
