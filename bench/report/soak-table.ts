import type { Soak } from '../measure/soak.ts'
import { fixed, whole } from './numbers.ts'
import { tableOf } from './table.ts'

export function soakTable(soaks: readonly Soak[]): string {
  return tableOf(
    ['proxy', 'requests/s', 'RSS MiB in the first minute (peak)', 'afterwards, MiB a minute', 'errors'],
    soaks.map(({ contender, perSecond, medianMiB, peakMiB, slope, errors }) => [
      contender,
      whole(perSecond),
      `${whole(medianMiB)} (${whole(peakMiB)})`,
      fixed(slope, 1),
      String(errors),
    ]),
  )
}
