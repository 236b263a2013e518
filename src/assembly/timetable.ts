import { notificationOf } from '../alerts/messages/notification.ts'
import { summaryMessage } from '../alerts/messages/summary-message.ts'
import { DRILL_ROUTE } from '../callback/route.ts'
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
  /** Callbacks that were given up, by route. */
  readonly dead: () => readonly { readonly route: string; readonly dead: number }[]
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
        const beforeMs = nowMs - keep
        await ledger.retention.prune({ beforeMs, maxBytes: max_size, nowMs })
        await ledger.alerts.pruneAlerts(beforeMs)
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
    ...summaries(sources),
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

/** Their times are read at the start; everything else as it is then. */
function summaries(sources: TimetableSources): readonly Job[] {
  const { daily_summary: daily, weekly_summary: weekly } = sources.config().notify
  const jobs: Job[] = []
  if (daily !== undefined) {
    const run = () => sendSummary('daily', sources)
    jobs.push({ name: 'daily summary', at: `${cronTime(daily.at)} * * *`, timezone: daily.timezone, run })
  }
  if (weekly !== undefined) {
    const run = () => sendSummary('weekly', sources)
    const at = `${cronTime(weekly.at)} * * ${weekly.on}`
    jobs.push({ name: 'weekly summary', at, timezone: weekly.timezone, run })
  }
  return jobs
}

function cronTime(time: string): string {
  const [hour, minute] = time.split(':').map(Number)
  return `${minute} ${hour}`
}

async function sendSummary(every: 'daily' | 'weekly', sources: TimetableSources): Promise<void> {
  const { config, policy, ledger, clock, dead } = sources
  if (ledger.sharing?.isLeading() === false) return
  const { notify, alerts } = config()
  const channels = notify[`${every}_summary`]?.channels ?? []
  const to = clock.wall()
  const from = to - (every === 'daily' ? DAY_MS : 7 * DAY_MS)
  const [seen, incidents] = await Promise.all([
    ledger.reader.routes(from),
    ledger.alerts.incidents({ since: from, limit: MOST_INCIDENTS }),
  ])
  const known = new Set(seen.map(({ route }) => route))
  const quiet = policy().table.routes.filter(({ id }) => !known.has(id))
  const message = summaryMessage({
    every,
    from,
    to,
    routes: [...seen, ...quiet.map(({ id }) => nothingOf(id))].filter(isReal),
    incidents: incidents.filter(isReal),
    dead: dead(),
    linkUrl: alerts.link_url,
  })
  const configured = channels.filter((name) => notify[name] !== undefined)
  await ledger.alerts.enqueue(notificationOf(message), configured, to)
}

function nothingOf(route: string): RouteSummary {
  const nothing = { p50_ms: null, p95_ms: null, p99_ms: null, last_received_at: null, last_success_at: null }
  return { route, callbacks: 0, failed: 0, ...nothing }
}

function isReal({ route }: { readonly route: string }): boolean {
  return route !== DRILL_ROUTE
}
