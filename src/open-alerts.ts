import { AlertEngine } from './alerts/engine.ts'
import { alertSettings } from './channels.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config/schema.ts'
import { logIncident } from './log-incident.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Outbox } from './notify/outbox.ts'
import type { OpenLedger } from './open-ledger.ts'
import type { Policy } from './pipeline.ts'

export interface AlertParts {
  readonly clock: Clock
  readonly newId: (nowMs: number) => string
  readonly policy: Policy
  readonly ledger: OpenLedger
  readonly outbox: Outbox
  readonly metrics: Metrics
  readonly log: Log['pino']
}

/** The running alert engine. */
export interface OpenAlerts {
  readonly engine: AlertEngine
  /** Failures in a row of a target on a route. */
  failuresOf(route: string, target: string): number
  /** Call about once a second. */
  tick(): void
}

/** The alert engine, taking up where the last process stopped. */
export async function openAlerts(config: Config, parts: AlertParts): Promise<OpenAlerts> {
  const { clock, ledger, outbox, metrics, log } = parts
  const onProblem = (error: unknown): void =>
    log.warn({ part: 'alerts', err: error }, 'a part failed; going on')
  const streaks = new Map<string, number>()
  const engine = new AlertEngine({
    clock,
    store: ledger.alerts,
    settings: alertSettings(config),
    routes: parts.policy.table.routes,
    channels: () => outbox.channels().map(({ channel }) => channel),
    newId: parts.newId,
    streaks: () => ledger.reader.streaks(),
    callbackOf: (id) => ledger.reader.callback(id),
    onStreak: (route, target, failures) => {
      streaks.set(`${route} ${target}`, failures)
      metrics.streak(route, target, failures)
    },
    onFiring: (route, rule, isFiring) => metrics.alertFiring(route, rule, isFiring),
    onIncident: (incident, change) => logIncident(log, incident, change),
    onNotifications: () => outbox.tick(),
    onUnstored: (message) => outbox.tellPastStore(message),
    onProblem,
  })
  await engine.start()

  let outboxOldestAt: number | undefined
  metrics.setGauges({ outboxOldestAt: () => outboxOldestAt })
  return {
    engine,
    failuresOf: (route, target) => streaks.get(`${route} ${target}`) ?? 0,
    tick() {
      engine.tick(clock.wall())
      outbox.tick()
      ledger.alerts.oldestPending().then((at) => {
        outboxOldestAt = at
      }, onProblem)
    },
  }
}
