/** How moments are shown; the reader's choice. */
export type Zone = 'local' | 'utc'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `14:02:07.183` */
export function clockTime(at: number, zone: Zone): string {
  return part(at, zone).slice(11)
}

/** `2026-11-23 14:02:07.183` */
export function dateTime(at: number, zone: Zone): string {
  return part(at, zone)
}

/** `14:02:07` today, `Nov 22, 14:02` else. */
export function shortTime(at: number, zone: Zone, now: number): string {
  const text = part(at, zone)
  const isToday = text.slice(0, 10) === part(now, zone).slice(0, 10)
  return isToday ? text.slice(11, 19) : `${text.slice(5, 10)} ${text.slice(11, 16)}`
}

/** `12 s ago`, `3 h ago`, `in 40 s`. */
export function ago(at: number, now: number): string {
  const ms = now - at
  if (ms < 0) return `in ${span(-ms)}`
  return ms < 2 * SECOND ? 'just now' : `${span(ms)} ago`
}

/** A length of time in its largest unit: `4 min`. */
export function span(ms: number): string {
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`
  if (ms < 2 * DAY) return `${Math.round(ms / HOUR)} h`
  return `${Math.round(ms / DAY)} d`
}

/** A measured duration: `0.8 ms`, `143 ms`, `1.62 s`. */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  if (ms < 1000) return `${Math.round(ms)} ms`
  return ms < MINUTE ? `${(ms / SECOND).toFixed(2)} s` : span(ms)
}

function part(at: number, zone: Zone): string {
  const shifted = zone === 'utc' ? at : at - new Date(at).getTimezoneOffset() * MINUTE
  return new Date(shifted).toISOString().slice(0, 23).replace('T', ' ')
}
