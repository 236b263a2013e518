import type { RouteStretch, RouteSummary } from '../ledger/rows.ts'
import type { AlertEngine } from './engine.ts'
import { learnBaseline } from './rules/silence.ts'
import { LONGEST_WINDOW_MS } from './rules/tally.ts'

/** Where the past is read. */
interface History {
  routes(sinceMs: number): Promise<readonly RouteSummary[]>
  history(sinceMs: number, stepMs: number): Promise<readonly RouteStretch[]>
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const LEARNT_MS = 29 * 24 * HOUR_MS

/** Teaches the engine what is usual by hour of the week, for silences. Call at the start and every few hours. */
export async function learnUsual(engine: AlertEngine, ledger: History, now: number): Promise<void> {
  const byRoute = Map.groupBy(await ledger.history(now - LEARNT_MS, HOUR_MS), ({ route }) => route)
  for (const [route, hours] of byRoute) {
    const counts = new Map(hours.map(({ at, callbacks }) => [at, callbacks]))
    const firstAt = Math.min(...counts.keys())
    engine.routeWatch(route).baseline = learnBaseline(counts, firstAt, now)
  }
}

/** Gives back what the windows of an earlier process held, as far as the ledger kept it. Call once, at the start. */
export async function recallWindows(engine: AlertEngine, ledger: History, now: number): Promise<void> {
  for (const { route, at, callbacks, failed } of await ledger.history(now - LONGEST_WINDOW_MS, MINUTE_MS)) {
    const { tally } = engine.routeWatch(route)
    tally.add('callbacks', at, callbacks)
    tally.add('failed', at, failed)
  }
}

/** Tells the engine when each route had its last callback. Thousands of routes take seconds: no start waits for it. */
export async function recallArrivals(engine: AlertEngine, ledger: History, now: number): Promise<void> {
  for (const { route, last_received_at: at } of await ledger.routes(now - LEARNT_MS)) {
    const { tally } = engine.routeWatch(route)
    if (at !== null) tally.live(at)
  }
}
