import type { Current } from './current.ts'
import type { Route } from '../callback/route.ts'
import type { Clock } from '../clock.ts'
import type { Breaker } from '../forward/breaker.ts'
import type { Forwarder } from '../forward/forward.ts'
import type { KeptExchange } from '../ledger/rescue-queue.ts'
import type { Log } from '../log.ts'
import type { OpenLedger } from './open-ledger.ts'
import type { Recorder } from '../record.ts'
import type { Recoveries } from '../rescue/recoveries.ts'
import { Replays } from '../rescue/replay/replays.ts'
import { Rescue } from '../rescue/rescue.ts'
import { keyRings } from '../routing/key-rings.ts'
import { signAfresh } from '../verify/signing/sign-afresh.ts'

export interface RescueSources {
  readonly clock: Clock
  readonly newId: (nowMs: number) => string
  readonly ledger: OpenLedger
  readonly forwarder: Forwarder
  readonly breaker: Breaker
  readonly recorder: Recorder
  readonly recoveries: Recoveries
  readonly current: Current
  readonly log: Log['pino']
}

/** Callbacks that are delivered later, under the configuration in force, and those that people deliver once more. */
export function createRescue(sources: RescueSources): { rescue: Rescue; replays: Replays } {
  const routeOfId = createRouteIndex(sources.current)
  const shared = {
    clock: sources.clock,
    queue: sources.ledger.rescue,
    forwarder: sources.forwarder,
    recorder: sources.recorder,
    routeOf: (kept: KeptExchange) => routeNow(kept, sources.current) ?? routeOfId(kept.route),
    onProblem: (error: unknown) =>
      sources.log.warn({ part: 'rescue', err: error }, 'a part failed; going on'),
  }
  return { rescue: openQueue(sources, shared, routeOfId), replays: openReplays(sources, shared) }
}

type Shared = Pick<
  ConstructorParameters<typeof Rescue>[0],
  'clock' | 'queue' | 'forwarder' | 'recorder' | 'routeOf' | 'onProblem'
>

/** Most callbacks of one incident that are replayed. */
const MOST_OF_INCIDENT = 10_000

function openReplays({ newId, ledger, current, clock }: RescueSources, shared: Shared): Replays {
  return new Replays({
    ...shared,
    newId,
    store: ledger.replays,
    reader: ledger.reader,
    async incidentCallbacks(id) {
      if ((await ledger.alerts.incident(id)) === undefined) return undefined
      return ledger.alerts.incidentCallbacks(id, '', MOST_OF_INCIDENT)
    },
    signAfresh({ callback, route, verdict }) {
      const secret = [...keyRings(current.loaded.config)].find(([ring]) => ring === route.account)?.[1]
        .webhookSecrets[0]
      if (verdict !== 'verified') return callback.headers
      return signAfresh(callback.headers, { secret, body: callback.body, nowMs: clock.wall() })
    },
  })
}

function openQueue(
  { breaker, recoveries, current, ledger }: RescueSources,
  shared: Shared,
  routeOfId: (id: string) => Route | undefined,
): Rescue {
  return new Rescue({
    ...shared,
    isShared: ledger.sharing !== undefined,
    random: Math.random,
    recoveries,
    settings() {
      const { schedule, concurrency, rate, order_wait, max_rows, max_bytes } = current.loaded.config.rescue
      return {
        schedule,
        concurrency,
        rate,
        orderWaitMs: order_wait,
        limits: { rows: max_rows, bytes: max_bytes },
      }
    },
    skippedUntil(routeId) {
      const probes = routeOfId(routeId)?.targets.map((target) => breaker.nextProbeAt(target)) ?? []
      const known = probes.filter((at) => at !== undefined)
      return known.length > 0 && known.length === probes.length ? Math.min(...known) : undefined
    },
  })
}

/** Routes by id; per-call routes share one that says nothing of their targets. */
function createRouteIndex(current: Current): (id: string) => Route | undefined {
  let { table } = current.policy
  let byId: ReadonlyMap<string, Route> | undefined
  return (id) => {
    if (byId === undefined || table !== current.policy.table) {
      table = current.policy.table
      const configured = table.routes.filter(({ scope }) => scope !== 'call')
      byId = new Map(configured.map((route) => [route.id, route]))
    }
    return byId.get(id)
  }
}

/** Where the callback would go if it came now: a reload may have moved its handler, a call its own URL. */
function routeNow({ callback, facts }: KeptExchange, { policy: { table } }: Current): Route | undefined {
  const scope = table.scopeOf(callback.path)
  return scope === undefined ? undefined : table.resolve(scope, facts)
}
