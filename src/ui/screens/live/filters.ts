import type { LiveRow } from '../../state/live-rows.ts'
import { isFailure } from '../../words/results.ts'
import { SLOW } from '../../parts/latency-bar.tsx'

/** The chips over the live view. */
export const filters = [
  { id: '', label: 'All' },
  { id: 'failed', label: 'Failed' },
  { id: 'slow', label: 'Slow' },
  { id: 'retried', label: 'More than one attempt' },
  { id: 'refused', label: 'Not let in' },
] as const
export type FilterId = (typeof filters)[number]['id']

export function fits(row: LiveRow, filter: FilterId, deadlineMs: number): boolean {
  switch (filter) {
    case '':
      return true
    case 'failed':
      return isFailure(row.result) || (row.lastOutcome !== 'ok' && row.lastOutcome !== '')
    case 'slow':
      return row.answerMs >= SLOW * deadlineMs || row.tries.some(({ ms }) => (ms ?? 0) >= SLOW * deadlineMs)
    case 'retried':
      return row.tries.length > 1 || row.via !== 'live' || (row.tries[0]?.number ?? 0) > 1
    case 'refused':
      return row.result === 'rejected'
  }
}
