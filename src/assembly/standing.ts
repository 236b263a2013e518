import type { Standing } from '../alerts/standing-watch.ts'
import type { TargetState } from '../metrics/metrics.ts'
import type { Rescue } from '../rescue/rescue.ts'

/** What the alert rules look at once a second: what waits for handlers, and how long certificates last. */
export function standingOf(rescue: Rescue, targets: Iterable<TargetState>): Omit<Standing, 'ledger'> {
  return {
    rescue: rescue.lengths().map(({ route, length, oldestAt, dead }) => ({
      route,
      oldestAt: length === 0 ? undefined : oldestAt,
      dead,
    })),
    certificates: [...targets].map(({ route, target, certificateExpiresAt }) => ({
      route,
      target,
      expiresAt: certificateExpiresAt,
    })),
  }
}
