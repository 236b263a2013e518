import type { RouteView, StatusView, TestCallbackRequest, TestCallbackResult } from '../admin/api.ts'
import type { LiveFeed } from '../admin/resources/live/live-feed.ts'
import type { AdminParts } from '../admin/parts.ts'
import type { AlertEngine } from '../alerts/engine.ts'
import type { Role, Target } from '../callback/route.ts'
import type { Clock } from '../clock.ts'
import type { Current } from './current.ts'
import type { Console } from './console/open-console.ts'
import { RingbackError } from '../errors.ts'
import type { OpenLedger } from './open-ledger.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { alertThresholds } from '../routing/alert-thresholds.ts'
import type { Replays } from '../rescue/replay/replays.ts'
import type { Rescue, RescueLength } from '../rescue/rescue.ts'
import { publicUrls } from '../routing/public-urls.ts'
import { CALL_PREFIX } from '../routing/table.ts'
import type { PublicPort } from './public-port.ts'
import { type Reload, reloadView } from './reload.ts'
import { routeView } from './views.ts'

export interface AdminSources {
  readonly clock: Clock
  readonly ledger: OpenLedger
  readonly alerts: AlertEngine
  /** Sends a test message through a channel, or all. */
  readonly testChannels: AdminParts['alerting']['test']
  readonly drills: AdminParts['drills']
  readonly feed: LiveFeed
  readonly metrics: Metrics
  readonly rescue: Rescue
  readonly replays: Replays
  readonly reconciliation: AdminParts['reconciliation']
  readonly current: Current
  readonly log: Log['pino']
  readonly version: string
  readonly nodeVersion: string
  readonly publicAddress: string
  /** Failures in a row of a target on a route. */
  readonly failuresOf: (route: string, target: Role) => number
  /** Is the circuit breaker of a target open? */
  readonly isSkipped: (target: Target) => boolean
  readonly reload: Reload
  readonly console: Console['parts']
  /** Of the trial configuration. */
  readonly trial: AdminParts['trial']
  readonly testCallback: (request: TestCallbackRequest) => Promise<TestCallbackResult>
  readonly port: PublicPort
  readonly isDraining: () => boolean
}

/** What the private port shows and sets in motion, from the parts of the daemon. */
export function adminParts(sources: AdminSources): AdminParts {
  const { clock, ledger, alerts, current, log } = sources
  const startedAt = clock.wall()
  const health = (): { is_ready: boolean; reasons: string[] } => {
    const { isWritable, problem } = ledger.writer.health()
    const reasons = [
      ...(sources.isDraining() ? ['the daemon is stopping'] : []),
      ...(sources.port.workers()?.serving === 0 ? ['no worker serves the public port'] : []),
      ...(isWritable ? [] : [`the ledger cannot be written: ${problem}`]),
    ]
    return { is_ready: reasons.length === 0, reasons }
  }
  return {
    clock,
    reader: ledger.reader,
    incidents: ledger.alerts,
    alerting: alerting(sources),
    drills: sources.drills,
    calls: callRegistry(sources),
    rescue: sources.rescue,
    replays: sources.replays,
    reconciliation: sources.reconciliation,
    routes: () => routeViews(sources),
    health,
    status: async (): Promise<StatusView> => {
      const { callbacks, bytes } = await ledger.reader.counts()
      const { isWritable, problem, queued } = ledger.writer.health()
      return {
        ...health(),
        version: sources.version,
        node: sources.nodeVersion,
        started_at: startedAt,
        public_url: current.loaded.config.public_url ?? null,
        listen: sources.publicAddress,
        config: { source: current.loaded.path, loaded_at: current.loadedAt, problem: current.problem },
        ledger: { store: ledger.location, is_writable: isWritable, problem, queued, callbacks, bytes },
        routes: current.policy.table.routes.length,
        in_flight: sources.port.inFlight(),
        workers: sources.port.workers() ?? null,
        alerts_firing: alerts.snapshot().length,
        rescue: rescueView(sources.rescue.lengths()),
      }
    },
    metricsText: () => sources.metrics.chunks(),
    metricsType: sources.metrics.contentType,
    async reload(isDryRun) {
      const reloaded = isDryRun ? sources.reload.plan() : sources.reload()
      await sources.port.taken()
      return reloadView(reloaded, isDryRun)
    },
    ...sources.console,
    trial: sources.trial,
    testCallback: sources.testCallback,
    subscribe: (listener) => sources.feed.subscribe(listener),
    toldAfter: (eventId) => sources.feed.after(eventId),
    caughtUp: () => ledger.writer.flush(),
    failed: (error, action) => log.error({ err: error, action }, 'the admin port failed'),
  }
}

function routeViews({ current, failuresOf, isSkipped }: AdminSources): readonly RouteView[] {
  const urls = publicUrls(current.loaded.config)
  const alertAfter = alertThresholds(current.loaded.config)
  const { routes } = current.policy.table
  return routes.map((route) => routeView(route, urls, { failuresOf, isSkipped, alertAfter }))
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0)
}

function rescueView(lengths: readonly RescueLength[]): StatusView['rescue'] {
  const waiting = lengths.filter(({ length }) => length > 0)
  return {
    waiting: sum(waiting.map(({ length }) => length)),
    oldest_at: waiting.length === 0 ? null : Math.min(...waiting.map(({ oldestAt }) => oldestAt)),
    dead: sum(lengths.map(({ dead }) => dead)),
  }
}

function alerting({ alerts, testChannels }: AdminSources): AdminParts['alerting'] {
  return {
    async acknowledge(id, ack) {
      const isOpen = alerts.acknowledge(id, ack)
      if (isOpen) await alerts.idle()
      return isOpen
    },
    silence: (silence) => alerts.silence(silence),
    endSilence: (id, at) => alerts.endSilence(id, at),
    mark: (marker) => alerts.mark(marker),
    explain: (route) => alerts.explain(route),
    test: (channel) => testChannels(channel),
  }
}

function callRegistry({ ledger, current }: AdminSources): AdminParts['calls'] {
  return {
    async register(registration) {
      const { table, publicBase } = current.policy
      try {
        if (!table.registrations.add(registration)) {
          throw new RingbackError('not_found', `there is no account ${registration.account}`)
        }
      } catch (error) {
        if (error instanceof RangeError) throw new RingbackError('not_allowed', error.message)
        throw error
      }
      await ledger.registrations.add(registration)
      return publicBase + CALL_PREFIX + registration.token
    },
    async remove(token) {
      current.policy.table.registrations.remove(token)
      return ledger.registrations.remove(token)
    },
  }
}
