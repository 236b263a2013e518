import type { Current } from './app-admin.ts'
import type { Route } from './callback/route.ts'
import type { Clock } from './clock.ts'
import type { Breaker } from './forward/breaker.ts'
import type { Forwarder } from './forward/forward.ts'
import type { KeptExchange } from './ledger/rescue-queue.ts'
import type { Log } from './log.ts'
import type { OpenLedger } from './open-ledger.ts'
import type { Recorder } from './record.ts'
import type { Recoveries } from './rescue/recoveries.ts'
import { Rescue } from './rescue/rescue.ts'

/** The rescue of callbacks under the configuration in force, taking up what an earlier process left waiting. */
export function createRescue(parts: {
  readonly clock: Clock
  readonly ledger: OpenLedger
  readonly forwarder: Forwarder
  readonly breaker: Breaker
  readonly recorder: Recorder
  readonly recoveries: Recoveries
  readonly current: Current
  readonly log: Log['pino']
}): Rescue {
  const { clock, ledger, forwarder, breaker, recorder, recoveries, current, log } = parts
  const routeOfId = createRouteIndex(current)
  return new Rescue({
    clock,
    random: Math.random,
    queue: ledger.rescue,
    forwarder,
    recorder,
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
    routeOf: (kept) => routeNow(kept, current) ?? routeOfId(kept.route),
    skippedUntil(routeId) {
      const probes = routeOfId(routeId)?.targets.map((target) => breaker.nextProbeAt(target)) ?? []
      const known = probes.filter((at) => at !== undefined)
      return known.length > 0 && known.length === probes.length ? Math.min(...known) : undefined
    },
    onProblem: (error) => log.warn({ part: 'rescue', err: error }, 'a part failed; going on'),
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
