import { notificationOf } from '../alerts/messages/notification.ts'
import { summaryMessage } from '../alerts/messages/summary-message.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import type { Job } from '../jobs.ts'
import type { RouteSummary } from '../ledger/rows.ts'
import type { OpenLedger } from './open-ledger.ts'
import type { Drills } from '../drill/drills.ts'
import { BY_TIMETABLE } from './open-drills.ts'
import type { Policy } from '../pipeline.ts'

export interface TimetableSources {
  /** The configuration in force. */
  readonly config: () => Config
  readonly policy: () => Policy
  readonly ledger: OpenLedger
  readonly clock: Clock
  /** Reads the certificate again if its files changed. */
  readonly renewCertificate: () => void
  readonly drills: Drills
}

const DAY_MS = 86_400_000
const MOST_INCIDENTS = 1000

/** What the daemon does by the clock. */
export function jobsOf(sources: TimetableSources): readonly Job[] {
  const { clock, ledger } = sources
  return [
    {
      name: 'retention',
      at: '17 * * * *',
      async run() {
        const { keep, max_size } = sources.config().ledger
        const nowMs = clock.wall()
        await ledger.retention.prune({ olderThanMs: nowMs - keep, maxBytes: max_size, nowMs })
        await ledger.alerts.pruneAlerts(nowMs - keep)
      },
    },
    {
      name: 'expiry of per-call URLs',
      at: '* * * * *',
      run() {
        sources.policy().table.registrations.expire(clock.wall())
        return Promise.resolve()
      },
    },
    {
      name: 'renewal of the certificate',
      at: '* * * * *',
      run() {
        sources.renewCertificate()
        return Promise.resolve()
      },
    },
    ...dailySummary(sources),
    ...drillsByTheClock(sources),
  ]
}

/** Read at the start, like every time of the timetable. */
function drillsByTheClock({ config, drills }: TimetableSources): readonly Job[] {
  const { drill } = config().alerts
  if (drill === undefined) return []
  const run = async (): Promise<void> => {
    await drills.run(BY_TIMETABLE)
  }
  return [{ name: 'drill', at: drill.cron, timezone: drill.timezone, run }]
}

/** One mail a day. Its time is read at the start; everything else as it is then. */
function dailySummary({ config, policy, ledger, clock }: TimetableSources): readonly Job[] {
  const summary = config().notify.daily_summary
  if (summary === undefined) return []
  const [hour, minute] = summary.at.split(':').map(Number)
  return [
    {
      name: 'daily summary',
      at: `${minute} ${hour} * * *`,
      timezone: summary.timezone,
      async run() {
        if (ledger.sharing?.isLeading() === false) return
        const to = clock.wall()
        const from = to - DAY_MS
        const [seen, incidents] = await Promise.all([
          ledger.reader.routes(from),
          ledger.alerts.incidents({ since: from, limit: MOST_INCIDENTS }),
        ])
        const known = new Set(seen.map(({ route }) => route))
        const quiet = policy().table.routes.filter(({ id }) => !known.has(id))
        const message = summaryMessage({
          from,
          to,
          routes: [...seen, ...quiet.map(({ id }) => nothingOf(id))],
          incidents,
          linkUrl: config().alerts.link_url,
        })
        await ledger.alerts.enqueue(notificationOf(message), ['email'], to)
      },
    },
  ]
}

function nothingOf(route: string): RouteSummary {
  const nothing = { p50_ms: null, p95_ms: null, p99_ms: null, last_received_at: null, last_success_at: null }
  return { route, callbacks: 0, failed: 0, ...nothing }
}
