const HOUR = 3_600_000
const DAY = 24 * HOUR
const WEEK = 7 * DAY

/** A Monday. */
export const START = Date.UTC(2026, 7, 3)
/** Seven weeks, milliseconds. */
export const WEEKS = 7 * WEEK
/** A Wednesday on which nobody calls. */
export const HOLIDAY = START + 5 * WEEK + 2 * DAY
/** A Thursday from 11:00 to 14:00. */
export const OUTAGE = {
  from: START + 6 * WEEK + 3 * DAY + 11 * HOUR,
  to: START + 6 * WEEK + 3 * DAY + 14 * HOUR,
}

/** Callbacks an hour of a call centre: busy on working days, thin on Saturdays, nothing at night and on Sundays. */
export function rateAt(at: number): number {
  const hour = Math.floor(at / HOUR) % 24
  const day = Math.floor((at - START) / DAY) % 7
  if (at >= HOLIDAY && at < HOLIDAY + DAY) return 0
  if (at >= OUTAGE.from && at < OUTAGE.to) return 0
  if (hour < 8 || hour >= 20 || day === 6) return 0
  return day === 5 ? 30 : 240
}
