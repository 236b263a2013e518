import type { Bound } from '../measure/bounds.ts'
import { fixed, whole } from './numbers.ts'
import { tableOf } from './table.ts'

export function boundsTable(bounds: readonly Bound[]): string {
  return tableOf(
    [
      'beside them',
      'p50 / p99 / longest, ms',
      'their answers',
      'told the others',
      'RSS MiB before, peak, after',
    ],
    bounds.map(({ does, window, told, rssMiB }) => [
      does,
      `${fixed(window.p50, 1)} / ${fixed(window.p99, 1)} / ${fixed(window.max, 0)}`,
      wordsOf(window.statuses),
      told === undefined ? '–' : wordsOf(told),
      `${whole(rssMiB.before)}, ${whole(rssMiB.peak)}, ${whole(rssMiB.after)}`,
    ]),
  )
}

/** Such as `200: 5,812, 503: 31`. */
function wordsOf(counts: Readonly<Partial<Record<string, number>>>): string {
  return Object.entries(counts)
    .map(([told, count]) => `${told === '0' ? 'cut' : told}: ${whole(count ?? 0)}`)
    .join(', ')
}
