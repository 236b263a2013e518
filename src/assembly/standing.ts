import type { Standing } from '../alerts/standing-watch.ts'
import type { TargetState } from '../metrics/metrics.ts'
import type { Reconciler } from '../reconcile/reconciler.ts'
import { findingNames } from '../reconcile/report.ts'
import type { Rescue } from '../rescue/rescue.ts'

/** What the alert rules look at: what waits for handlers, how long certificates last, which calls do not fit. */
export function standingOf({
  rescue,
  targets,
  reconciler,
}: {
  readonly rescue: Pick<Rescue, 'lengths'>
  readonly targets: Iterable<TargetState>
  readonly reconciler: Reconciler
}): Omit<Standing, 'ledger'> {
  return {
    rescue: rescue.lengths().map(({ route, length, oldestAt, dead }) => ({
      route,
      oldestAt: length === 0 ? undefined : oldestAt,
      dead,
    })),
    certificates: [...targets].map(({ route, target, origin, certificateExpiresAt }) => ({
      route,
      target,
      origin,
      expiresAt: certificateExpiresAt,
    })),
    reconciliation: reconciler.report().accounts.map(({ account, calls, succeeded_at, problem }) => ({
      account,
      misfits: Object.fromEntries(findingNames.map((name) => [name, calls[name]])),
      // Nothing is known of an account before its first reading: after a start that is no sign that all is well.
      isReadable: problem === '' && succeeded_at !== null,
    })),
  }
}
