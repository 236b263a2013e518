import { AlertEngine } from '../alerts/engine.ts'
import type { AlertSettings } from '../alerts/engine-options.ts'
import { learnUsual } from '../alerts/usual.ts'
import { createIdMaker } from '../callback/id.ts'
import type { Route } from '../callback/route.ts'
import type { Clock } from '../clock.ts'
import type { AlertStore, IncidentRow } from '../ledger/alert-store.ts'
import { type Happening, happenings } from './happenings.ts'
import type { Past } from '../ledger/past.ts'
import type { RouteStretch } from '../ledger/rows.ts'
import { PastQueues } from './queues.ts'
import type { BacktestIncident, BacktestReport } from './report.ts'

export interface BacktestOptions {
  readonly past: Past
  readonly from: number
  readonly to: number
  readonly settings: AlertSettings
  readonly routes: readonly Route[]
  readonly channels: readonly string[]
  /** An empty store of its own: what would have been told is written there. */
  readonly store: AlertStore
  /** How far it came, from 0 to 1; called now and then. */
  readonly onProgress?: (share: number) => void
}

const HOUR_MS = 3_600_000
/** Long enough for every window; what fires in it is not reported. */
const WARM_UP_MS = 6 * HOUR_MS
const LEARN_EVERY_MS = 3 * HOUR_MS
const LEARNT_MS = 29 * 24 * HOUR_MS
/** Rules are judged every five seconds while anything is wrong, else every minute: fine enough for a silence. */
const BUSY_STEP_MS = 5_000
const CALM_STEP_MS = 60_000
const BUSY_FOR_MS = HOUR_MS
const MOST = Number.MAX_SAFE_INTEGER

/** The alert engine over what a ledger kept, with a clock that jumps from one happening to the next. */
export async function runBacktest(options: BacktestOptions): Promise<BacktestReport> {
  return new Backtest(options).run()
}

/** Nobody listens to a past that is played again. */
const stay = (): void => undefined

class Backtest {
  readonly #options: BacktestOptions
  readonly #engine: AlertEngine
  readonly #queues = new PastQueues()
  #hours: readonly RouteStretch[] = []
  #now: number
  #learntAt = 0
  #busyUntil = 0
  #skipped = 0
  #callbacks = 0

  constructor(options: BacktestOptions) {
    this.#options = options
    this.#now = options.from - WARM_UP_MS
    // Durations of the past have fractions; a wall clock has none, and neither have the columns that keep its times.
    const clock: Clock = { wall: () => Math.floor(this.#now), mono: () => this.#now }
    this.#engine = new AlertEngine({
      clock,
      store: options.store,
      settings: options.settings,
      routes: options.routes,
      channels: () => options.channels,
      newId: createIdMaker(() => 0.5),
      streaks: () => Promise.resolve([]),
      callbacksOf: () => Promise.resolve([]),
      standing: () => this.#queues.standing(),
      onStreak: stay,
      onFiring: stay,
      onNotifications: stay,
      onUnstored: stay,
      onProblem: (error) => {
        throw error
      },
    })
  }

  async run(): Promise<BacktestReport> {
    const { past, from, to, routes } = this.#options
    const byId = new Map(routes.map((route) => [route.id, route]))
    this.#hours = await past.hours(this.#now - LEARNT_MS)
    const found = happenings(
      past,
      { from: this.#now, to },
      { routeOf: (id) => byId.get(id), onSkipped: () => this.#skip() },
    )
    await this.#engine.start()
    for await (const { at, happening } of found) {
      await this.#passTo(at)
      this.#tell(happening)
    }
    await this.#passTo(to)
    await this.#engine.close()
    return this.#report(from, to)
  }

  #skip(): void {
    if (this.#now >= this.#options.from) this.#skipped += 1
  }

  /** Lets time go by in steps, with a tick of the engine at each. */
  async #passTo(at: number): Promise<void> {
    for (;;) {
      const step = this.#now < this.#busyUntil ? BUSY_STEP_MS : CALM_STEP_MS
      const next = this.#now - (this.#now % step) + step
      if (next > at) break
      this.#now = next
      await this.#tick()
    }
    this.#now = Math.max(this.#now, at)
  }

  async #tick(): Promise<void> {
    if (this.#now - this.#learntAt >= LEARN_EVERY_MS) {
      this.#learntAt = this.#now
      await learnUsual(this.#engine, this.#history(), this.#now)
      const { from, to, onProgress } = this.#options
      onProgress?.(Math.min(1, Math.max(0, (this.#now - from) / (to - from))))
    }
    this.#engine.tick(this.#now)
    await this.#engine.idle()
    if (this.#engine.snapshot().length > 0) this.#busyUntil = this.#now + BUSY_FOR_MS
  }

  #tell(happening: Happening): void {
    if (isTrouble(happening)) this.#busyUntil = this.#now + BUSY_FOR_MS
    this.#queues.follow(happening)
    switch (happening.kind) {
      case 'attempted':
        return this.#engine.attempted(happening.exchange, happening.attempt)
      case 'settled':
        if (this.#now >= this.#options.from && happening.delivery.fence === undefined) this.#callbacks += 1
        return this.#engine.settled(happening.exchange, happening.delivery)
      case 'refused':
        return this.#engine.refused({ ...happening, receivedAt: this.#now })
    }
  }

  /** What was known at the moment: full hours that had passed. */
  #history() {
    const thisHour = this.#now - (this.#now % HOUR_MS)
    return {
      routes: () => Promise.resolve([]),
      history: (since: number) =>
        Promise.resolve(this.#hours.filter(({ at }) => at >= since && at < thisHour)),
    }
  }

  async #report(from: number, to: number): Promise<BacktestReport> {
    const { store, past } = this.#options
    const [rows, messages] = await Promise.all([
      store.incidents({ limit: MOST }),
      store.notifications({ limit: MOST }),
    ])
    const incidents = rows.filter(({ opened_at }) => opened_at >= from).toReversed()
    const ids = new Set(incidents.map(({ id }) => id))
    const told: Record<string, number> = {}
    for (const { incident_id, channel } of messages) {
      if (ids.has(incident_id)) told[channel] = (told[channel] ?? 0) + 1
    }
    return {
      from,
      to,
      callbacks: this.#callbacks,
      skipped: this.#skipped,
      incidents: incidents.map(incidentOf),
      messages: told,
      really_fired: (await past.incidents(from, to)).length,
    }
  }
}

function isTrouble(happening: Happening): boolean {
  switch (happening.kind) {
    case 'attempted':
      return happening.attempt.outcome !== 'ok'
    case 'settled':
      return happening.delivery.result !== 'delivered' || happening.delivery.answerMs > 1000
    case 'refused':
      return true
  }
}

function incidentOf(row: IncidentRow): BacktestIncident {
  const { rule, route, target, severity, since, opened_at, closed_at, callbacks, reason, places } = row
  return {
    rule,
    route,
    target,
    severity,
    since,
    fired_at: opened_at,
    fired_after_ms: opened_at - since,
    closed_at,
    lasted_ms: closed_at === null ? null : closed_at - opened_at,
    callbacks,
    reason,
    places: places.length,
  }
}
