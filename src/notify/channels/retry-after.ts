/** A wish for a longer pause is cut to this, so that one odd header cannot silence a channel. */
const LONGEST_MS = 5 * 60_000

/** Milliseconds of a Retry-After header in seconds (RFC 9110 §10.2.3); undefined when it is absent or a date. */
export function retryAfterMs(header: string | null): number | undefined {
  if (header === null || !/^\d{1,9}$/.test(header.trim())) return undefined
  return Math.min(Number(header) * 1000, LONGEST_MS)
}
