import type { RouteReport } from '../../../admin/api.ts'
import { plural } from '../../format/amount.ts'
import { shortTime } from '../../format/time.ts'
import { usePreferences } from '../../state/preferences.ts'

type History = RouteReport['history']

/** A bar for each stretch of the window: as high as what came, striped red for the share that failed. */
export function HealthBars({ history }: { readonly history: History }) {
  const { zone } = usePreferences()
  const most = Math.max(1, ...history.map(({ callbacks }) => callbacks))
  const all = history.reduce((sum, { callbacks }) => sum + callbacks, 0)
  const failed = history.reduce((sum, bucket) => sum + bucket.failed, 0)
  const now = Date.now()
  return (
    <div className="health" role="img" aria-label={`${plural(all, 'callback')}, ${failed} failed`}>
      {history.map((bucket) => (
        <span
          key={bucket.at}
          className="health-bar"
          title={`${shortTime(bucket.at, zone, now)}: ${plural(bucket.callbacks, 'callback')}, ${bucket.failed} failed`}
        >
          {bucket.callbacks > 0 && (
            <span className="fill-good" style={{ height: `${12 + (88 * bucket.callbacks) / most}%` }}>
              {bucket.failed > 0 && (
                <span
                  className="fill-bad"
                  style={{ height: `${Math.max(18, (100 * bucket.failed) / bucket.callbacks)}%` }}
                />
              )}
            </span>
          )}
        </span>
      ))}
    </div>
  )
}
