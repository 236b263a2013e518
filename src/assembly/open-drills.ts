import { randomBytes } from 'node:crypto'

import { drillFailedMessage } from '../alerts/messages/drill-message.ts'
import { notificationOf } from '../alerts/messages/notification.ts'
import { DRILL_ROUTE } from '../callback/route.ts'
import type { Clock } from '../clock.ts'
import { route as routeSchema } from '../config/schema/handlers.ts'
import type { Config } from '../config/schema.ts'
import { Drills } from '../drill/drills.ts'
import type { DrillReport, DrillStage } from '../drill/drill.ts'
import { startDrillHandler } from '../drill/handler.ts'
import type { AlertStore } from '../ledger/alert-store.ts'
import type { Log } from '../log.ts'
import type { Outbox } from '../notify/outbox.ts'
import { dial } from '../sample/dial.ts'
import type { OwnHandlers } from './own-handlers.ts'
import type { PublicPort } from './public-port.ts'
import { takeRoutes, type RouteTakers } from './take-routes.ts'
import { onThisMachine } from './test-callback.ts'

export interface DrillSources extends RouteTakers {
  readonly clock: Clock
  readonly newId: (nowMs: number) => string
  readonly own: OwnHandlers
  readonly store: AlertStore
  readonly outbox: Outbox
  readonly log: Log['pino']
  /** `HOST:PORT` as bound. */
  readonly publicAddress: string
  readonly isSecure: boolean
  readonly port: Pick<PublicPort, 'publish' | 'taken'>
}

const FAILURES = 3
/** A channel that does not answer is tried again twice in this time. */
const PATIENCE_MS = 45_000

/** Drills of the running daemon; one that the timetable started and that failed is told by every channel. */
export function openDrills(sources: DrillSources): Drills {
  const { clock, newId, store, outbox, current } = sources
  return new Drills({
    clock,
    newId,
    store,
    channels: () => outbox.channels().map(({ channel }) => channel),
    thresholds: () => ({ failures: FAILURES, successes: current.loaded.config.alerts.resolve_after }),
    patienceMs: PATIENCE_MS,
    openStage: () => openStage(sources),
    onEnd: (report) => tellEnd(report, sources),
  })
}

/** Who started a drill by the clock. */
export const BY_TIMETABLE = 'timetable'

function tellEnd(report: DrillReport, { log, store, outbox, clock }: DrillSources): void {
  const { id, state, problem, started_by } = report
  if (state === 'passed') return log.info({ drill: id, by: started_by }, 'drill passed: every channel works')
  log.error({ drill: id, by: started_by, problem }, 'DRILL FAILED')
  if (started_by !== BY_TIMETABLE) return
  const channels = outbox.channels().map(({ channel }) => channel)
  store.enqueue(notificationOf(drillFailedMessage(report)), channels, clock.wall()).then(
    () => outbox.tick(),
    (error: unknown) => log.warn({ part: 'drill', err: error }, 'a part failed; going on'),
  )
}

/** A route that only this drill knows, in front of a handler of our own; both are gone when it is closed. */
async function openStage(sources: DrillSources): Promise<DrillStage> {
  const { current, own, port } = sources
  const handler = await startDrillHandler(Math.random)
  const path = `/${DRILL_ROUTE}/${randomBytes(16).toString('hex')}/`
  const { host } = new URL(`http://${onThisMachine(sources.publicAddress)}`)
  own.admit(handler.address, ['127.0.0.1', '::1', host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')])
  const close = async (): Promise<void> => {
    takeRoutes(current.loaded.config, sources)
    own.dismiss()
    port.publish()
    await handler.close()
  }
  try {
    takeRoutes(withDrill(current.loaded.config, path, handler.url), sources)
    port.publish()
    await port.taken()
  } catch (error) {
    await close()
    throw error
  }
  const url = new URL(`${sources.isSecure ? 'https' : 'http'}://${host}${path}`)
  return {
    async send(callId) {
      const body = new TextEncoder().encode(
        JSON.stringify({ event: 'call.completed', call_id: callId, drill: true }),
      )
      const headers = { 'content-type': 'application/json' }
      const { host: name } = new URL(current.policy.publicBase)
      return (await dial(url, { headers, body, host: name, isOwnPort: true })).status
    },
    mend: () => handler.mend(),
    close,
  }
}

/** The path is a secret of this drill, so its route needs no signature; of the rules only the streak counts on it. */
function withDrill(config: Config, path: string, target: string): Config {
  const route = routeSchema.parse({
    id: DRILL_ROUTE,
    path,
    target,
    signature: 'off',
    kind: 'notify',
    on_failure: 'relay',
    consecutive_failures: FAILURES,
  }) as Config['routes'][number] // holds no secret, so nothing is left to be read
  const off = Object.fromEntries(Object.keys(config.alerts.rules).map((rule) => [rule, { enabled: false }]))
  const alerts = { ...config.alerts, routes: { ...config.alerts.routes, [DRILL_ROUTE]: off } }
  return { ...config, alerts, routes: [...config.routes, route] }
}
