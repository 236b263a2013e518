import { AlertEngine } from '../alerts/engine.ts'
import type { AlertEngineOptions } from '../alerts/engine-options.ts'
import { type Unwritable, unwritableNow } from '../alerts/rules/unwritable.ts'
import type { Standing } from '../alerts/standing-watch.ts'
import type { TargetChanges } from '../alerts/target-changes.ts'
import { testMessage } from '../alerts/messages/test-message.ts'
import { learnUsual, recallArrivals, recallWindows } from '../alerts/usual.ts'
import { alertSettings } from './alert-settings.ts'
import type { Target } from '../callback/route.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import { logIncident } from './log-incident.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Outbox } from '../notify/outbox.ts'
import { followReplicas } from './follow-replicas.ts'
import type { OpenLedger } from './open-ledger.ts'
import type { Policy } from '../pipeline.ts'

export interface AlertParts {
  readonly clock: Clock
  readonly newId: (nowMs: number) => string
  readonly policy: Policy
  readonly ledger: OpenLedger
  readonly outbox: Outbox
  readonly metrics: Metrics
  readonly log: Log['pino']
  /** How rescue and certificates stand now; asked only after the start. */
  readonly standing: () => Omit<Standing, 'ledger'>
  /** Is a target skipped at present, but for probes? */
  readonly isSkipped: (target: Target) => boolean
  readonly changes: TargetChanges
}

const LEARN_EVERY_MS = 3 * 3_600_000

/** The running alert engine. */
export interface OpenAlerts {
  readonly engine: AlertEngine
  /** Failures in a row of a target on a route. */
  failuresOf(route: string, target: string): number
  /** Sends a test message past the queue through one channel, or all. */
  test(channel: string | undefined): ReturnType<Outbox['test']>
  /** Call about once a second. */
  tick(): void
}

/** The alert engine, taking up where the last process stopped. */
export async function openAlerts(config: Config, parts: AlertParts): Promise<OpenAlerts> {
  const { clock, ledger, outbox, metrics, log } = parts
  const onProblem = (error: unknown): void =>
    log.warn({ part: 'alerts', err: error }, 'a part failed; going on')
  const streaks = new Map<string, number>()
  const isLeading = (): boolean => ledger.sharing?.isLeading() ?? true
  let unwritable: Unwritable | undefined
  const engine = new AlertEngine({
    ...engineOptions(config, parts, onProblem),
    standing: () => ({ ...watched(parts), ledger: unwritable }),
    isSkipped: parts.isSkipped,
    onStreak: (route, target, failures) => {
      streaks.set(`${route} ${target}`, failures)
      metrics.streak(route, target, failures)
    },
    isLeading,
    onNotifications: () => {
      if (isLeading()) outbox.tick()
    },
  })
  await engine.start()
  await recallWindows(engine, ledger.reader, clock.wall())
  let learntAt = clock.wall()
  recallArrivals(engine, ledger.reader, learntAt).catch(onProblem)
  learnUsual(engine, ledger.reader, learntAt).catch(onProblem)

  const following = ledger.sharing && followReplicas(engine, { ...parts, sharing: ledger.sharing, onProblem })
  let outboxOldestAt: number | undefined
  metrics.setGauges({ outboxOldestAt: () => outboxOldestAt })
  return {
    engine,
    failuresOf: (route, target) => streaks.get(`${route} ${target}`) ?? 0,
    test: (channel) => outbox.test(testMessage(`test-${parts.newId(clock.wall())}`, clock.wall()), channel),
    tick() {
      const now = clock.wall()
      unwritable = unwritableNow(unwritable, ledger.writer.health(), now)
      if (now - learntAt >= LEARN_EVERY_MS) {
        learntAt = now
        learnUsual(engine, ledger.reader, now).catch(onProblem)
      }
      following?.tick(now)
      engine.tick(now)
      if (isLeading()) outbox.tick()
      outbox.beat(beatProblem(ledger.writer.health(), outboxOldestAt, now))
      ledger.alerts.oldestPending().then((at) => {
        outboxOldestAt = at
      }, onProblem)
    },
  }
}

type ChangingOptions = 'standing' | 'onStreak' | 'isLeading' | 'onNotifications'

function engineOptions(
  config: Config,
  { clock, ledger, outbox, metrics, log, policy, newId, changes }: AlertParts,
  onProblem: (error: unknown) => void,
): Omit<AlertEngineOptions, ChangingOptions> {
  return {
    clock,
    store: ledger.alerts,
    settings: alertSettings(config),
    routes: policy.table.routes,
    channels: () => outbox.channels().map(({ channel }) => channel),
    newId,
    streaks: () => ledger.reader.streaks(),
    callbacksOf: (ids) => ledger.reader.withAttempts(ids),
    onFiring: (route, rule, isFiring) => metrics.alertFiring(route, rule, isFiring),
    onIncident: (incident, change) => logIncident(log, incident, change),
    foldsHere: () => ledger.sharing?.isAway() ?? true,
    onUnstored: (message, channels) => outbox.tellPastStore(message, channels),
    changesOf: (hostname) => changes.of(hostname),
    onProblem,
  }
}

const MESSAGES_WAIT_MS = 15 * 60_000

/** Why somebody outside should be worried; empty while all is well. */
function beatProblem(
  { isWritable }: { readonly isWritable: boolean },
  outboxOldestAt: number | undefined,
  now: number,
): string {
  if (!isWritable) return 'the ledger cannot be written'
  const isStuck = outboxOldestAt !== undefined && now - outboxOldestAt > MESSAGES_WAIT_MS
  return isStuck ? 'messages wait for their channels for too long' : ''
}

/** How things stand, with certificates told to whoever follows changes. */
function watched({ standing, changes, clock }: AlertParts): Omit<Standing, 'ledger'> {
  const now = standing()
  for (const { origin, expiresAt } of now.certificates) {
    if (expiresAt !== undefined) changes.certified(origin, expiresAt, clock.wall())
  }
  return now
}
