/** Days and hours of a week, in the wall time of a zone. */
export interface Span {
  /** 0 is Sunday. */
  readonly days: ReadonlySet<number>
  /** Minutes of the day; `to` is excluded and may be 1440. A span over midnight has `to` before `from`. */
  readonly from: number
  readonly to: number
}

const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const FORM = /^(?:([a-z]{3})(?:-([a-z]{3}))? )?([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/

/** Reads `mon-fri 08:00-20:00`, `sat 09:00-12:00` or `22:00-06:00` (every day); undefined when it is none of these. */
export function parseSpan(text: string): Span | undefined {
  const match = FORM.exec(text.trim().toLowerCase())
  if (match === null) return undefined
  const [, first, last, fromHour, fromMinute, toHour, toMinute] = match
  const from = Number(fromHour) * 60 + Number(fromMinute)
  const to = Number(toHour) * 60 + Number(toMinute)
  const days = daysOf(first, last)
  return days === undefined || from === to || Math.max(from, to) > 1440 ? undefined : { days, from, to }
}

function daysOf(first: string | undefined, last = first): ReadonlySet<number> | undefined {
  if (first === undefined) return new Set(names.keys())
  const [from, to] = [first, last].map((name) => names.findIndex((known) => known === name))
  if (from === undefined || to === undefined || from < 0 || to < 0) return undefined
  const length = ((to - from + 7) % 7) + 1
  return new Set(Array.from({ length }, (_, step) => (from + step) % 7))
}

/** A moment on a wall clock. */
export interface WallTime {
  /** 0 is Sunday. */
  readonly day: number
  readonly minute: number
  /** Days since 1970-01-01, so that 2026-12-25 is `dayNumber('2026-12-25')`. */
  readonly dayNumber: number
}

const MINUTE_MS = 60_000
const DAY_MINUTES = 1440
/** 1970-01-01 was a Thursday. */
const FIRST_DAY = 4
/** No zone has ever changed its clocks off a quarter of an hour. */
const QUARTER_MS = 15 * MINUTE_MS
const MOST_OFFSETS = 10_000
const offsets = new Map<string, number>()

/** @param timezone IANA name; a RangeError is thrown for an unknown one */
export function wallTime(at: number, timezone: string): WallTime {
  const minutes = Math.floor(at / MINUTE_MS) + (timezone === 'UTC' ? 0 : offsetAt(at, timezone))
  const days = Math.floor(minutes / DAY_MINUTES)
  return { day: (days + FIRST_DAY) % 7, minute: minutes - days * DAY_MINUTES, dayNumber: days }
}

export function dayNumber(date: string): number {
  return Math.floor(Date.parse(`${date}T00:00:00Z`) / (DAY_MINUTES * MINUTE_MS))
}

/** Minutes that a zone is ahead of UTC. Asking Intl costs microseconds, so answers are kept by the quarter hour. */
function offsetAt(at: number, timezone: string): number {
  const quarter = Math.floor(at / QUARTER_MS)
  const key = `${timezone} ${quarter}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  const start = quarter * QUARTER_MS
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    dateStyle: 'short',
    timeStyle: 'short',
  })
  const parts = Object.fromEntries(
    format.formatToParts(start).map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts
  const offset = Math.round((Date.UTC(year, month - 1, day, hour, minute) - start) / MINUTE_MS)
  if (offsets.size >= MOST_OFFSETS) offsets.clear()
  offsets.set(key, offset)
  return offset
}

export function isWithin(span: Span, { day, minute }: WallTime): boolean {
  if (span.from < span.to) return span.days.has(day) && minute >= span.from && minute < span.to
  const dayBefore = (day + 6) % 7
  return (span.days.has(day) && minute >= span.from) || (span.days.has(dayBefore) && minute < span.to)
}
