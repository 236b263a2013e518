import type { CallbackRow } from '../admin/api.ts'
import type { Color } from './cli.ts'

/** `2026-11-23 14:02:07.123`, in UTC: the same on every machine, and what --since takes. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '')
}

/** How long ago, in one unit. */
export function agoText(ms: number | null, nowMs: number): string {
  return ms === null ? 'never' : `${spanText(nowMs - ms)} ago`
}

/** A span in its largest unit: `43s`, `5m`, `3h`, `12d`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7200) return `${Math.round(seconds / 60)}m`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)}h` : `${Math.round(seconds / 86_400)}d`
}

export function msText(ms: number | null): string {
  if (ms === null) return '–'
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  const units = ['kB', 'MB', 'GB', 'TB']
  const step = Math.min(Math.floor(Math.log10(bytes) / 3), units.length)
  return `${(bytes / 1000 ** step).toFixed(1)} ${units[step - 1] ?? ''}`
}

export function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}

/** Colour of what became of a callback; the word itself always stands there too. */
export function resultColor(result: string): Color {
  if (result === 'delivered' || result === 'delivered_late') return 'green'
  if (result === 'failed' || result === 'dead') return 'red'
  return result === 'rescued' || result === 'rejected' ? 'yellow' : 'dim'
}

/** What became of a callback, as a sentence. */
export function verdictText(row: CallbackRow): string {
  const told =
    row.answer_status === 0
      ? 'the provider has no answer yet'
      : `the provider was told ${row.answer_status} after ${msText(row.answer_ms)}`
  const last =
    row.last_outcome === '' ? 'no attempt was made' : `the last attempt ended in ${row.last_outcome}`
  switch (row.result) {
    case 'delivered':
      return `Delivered: the handler took it, ${told}.`
    case 'delivered_late':
      return `Delivered late: rescued first, ${told}; the handler took it afterwards.`
    case 'rescued':
      return `Rescued: ${last}, ${told}, and Ringback will try again.`
    case 'dead':
      return `Dead: ${last} and no retry is left; ${told}. It can be replayed.`
    case 'failed':
      return `Failed: ${last}; ${told}.`
    case 'rejected':
      return `Rejected: not let in (${row.reason}); ${told}.`
    case 'filtered':
      return `Filtered: the route does not want this event; ${told}.`
    default:
      return `Under way: ${last}; ${told}.`
  }
}
