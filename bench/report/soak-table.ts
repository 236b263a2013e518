import type { Soak } from '../measure/soak.ts'
import { fixed, whole } from './numbers.ts'
import { tableOf } from './table.ts'

export function soakTable(soaks: readonly Soak[]): string {
  return tableOf(
    [
      'proxy',
      'requests/s',
      'RSS MiB in the first minute (peak)',
      'afterwards, MiB a minute',
      'in the last minute',
      'in a minute at rest',
      'errors',
    ],
    soaks.map(({ contender, perSecond, medianMiB, peakMiB, slopes, errors }) => [
      contender,
      whole(perSecond),
      `${whole(medianMiB)} (${whole(peakMiB)})`,
      fixed(slopes.loaded, 1),
      fixed(slopes.last, 1),
      fixed(slopes.resting, 1),
      String(errors),
    ]),
  )
}
