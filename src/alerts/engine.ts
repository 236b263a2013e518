import type { Attempt, Delivery } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import { timeOfId } from '../callback/id.ts'
import type { Route } from '../callback/route.ts'
import type { Streak } from '../callback/streak.ts'
import { roleOfKey, streakKey } from '../callback/streak-key.ts'
import { voteOf } from '../callback/vote.ts'
import type { Clock } from '../clock.ts'
import type { IncidentRow, IncidentSeverity, IncidentStore } from '../ledger/alert-store.ts'
import type { Message } from '../notify/notifier.ts'
import { IncidentDesk, type Telling } from './incident-desk.ts'
import { type PastCallback, recallFailures } from './recall.ts'
import { isReminderDue, judgeStreak, type Rule, signalOf, type Thresholds } from './rule.ts'
import { failureOf, newWatch, shownIds, voterOf, type Watch, withFailure, withSuccess } from './watch.ts'
import { counted } from './words.ts'

/** When and how people are told; from the configuration. */
export interface AlertSettings extends Telling {
  /** For routes without their own. */
  readonly thresholds: Thresholds
  /** By route id. */
  readonly routeThresholds: ReadonlyMap<string, Partial<Thresholds>>
}

export interface AlertEngineOptions {
  readonly clock: Clock
  readonly store: IncidentStore
  readonly settings: AlertSettings
  readonly routes: readonly Route[]
  /** Names of the channels that are told. */
  readonly channels: () => readonly string[]
  readonly newId: (nowMs: number) => string
  /** Streaks as the ledger folded them: where the engine takes up again after a restart. */
  readonly streaks: () => Promise<
    readonly { readonly route: string; readonly target: string; readonly streak: Streak }[]
  >
  /** A callback with its attempts, to show failures from before a restart. */
  readonly callbackOf: (id: string) => Promise<PastCallback | undefined>
  readonly onStreak: (route: string, target: string, failures: number) => void
  readonly onFiring: (route: string, rule: Rule, isFiring: boolean) => void
  /** An incident was opened or closed, for the log. */
  readonly onIncident?: (incident: IncidentRow, change: 'fires' | 'resolved') => void
  /** Messages wait in the outbox. */
  readonly onNotifications: () => void
  /** The store cannot be written: this must reach people all the same. */
  readonly onUnstored: (message: Message) => void
  /** The store did not take a write; it is tried again with every tick. */
  readonly onProblem: (error: unknown) => void
}

const RULE: Rule = 'consecutive_failures'

/** An incident that is open, with what was not written to it yet. */
interface Firing {
  incident: IncidentRow
  hurt: string[]
  isDirty: boolean
}

/**
 * Watches decided attempts and keeps one incident open for each target of a route that breaks the rule.
 *
 * Start it before the first callback is let in. `attempted`, `settled` and `tick` are synchronous, cheap and never
 * throw: what they decide is written in the background, in order, until the store takes it. Every decision can be
 * made again from the ledger's streaks and the open incidents, so a crash at any point loses none.
 */
export class AlertEngine {
  readonly #options: AlertEngineOptions
  readonly #desk: IncidentDesk
  readonly #watches = new Map<string, Watch>()
  readonly #firing = new Map<string, Firing>()
  #settings: AlertSettings
  #routes: ReadonlyMap<string, Route>

  constructor(options: AlertEngineOptions) {
    this.#options = options
    this.#settings = options.settings
    this.#routes = byId(options.routes)
    this.#desk = new IncidentDesk(options, options.settings)
  }

  /** Takes up where the last process stopped; decides at once what it did not come to decide. */
  async start(): Promise<void> {
    const [open, streaks] = await Promise.all([
      this.#options.store.incidents({ open: true, limit: Number.MAX_SAFE_INTEGER }),
      this.#options.streaks(),
    ])
    for (const { route, target, streak } of streaks) {
      const role = roleOfKey(target)
      const label = this.#targetOf(route, role)?.label ?? ''
      const { callbackOf } = this.#options
      const shown = await recallFailures(shownIds(streak), { target: role, callbackOf })
      const watch = { ...newWatch(route, target, label), streak, first: shown[0] ?? null }
      this.#watches.set(keyOf(route, target), { ...watch, recent: shown.slice(-3) })
      if (streak.failures > 0) this.#options.onStreak(route, role, streak.failures)
    }
    for (const incident of open) {
      const key = keyOf(incident.route, incident.target)
      const hurt = [...(this.#watches.get(key)?.streak.failedIds ?? [])]
      this.#firing.set(key, { incident, hurt, isDirty: hurt.length > 0 })
      this.#options.onFiring(incident.route, RULE, true)
    }
    this.#reviewAll()
  }

  attempted(exchange: Exchange, attempt: Attempt): void {
    const { id } = exchange.route
    const { role, label } = attempt.target
    const target = streakKey(exchange.route, attempt.target)
    const key = keyOf(id, target)
    // A skipped target says nothing new of itself, but the callback is hurt by its outage all the same.
    if (attempt.outcome === 'circuit_open') addHurt(this.#firing.get(key), exchange.callback.id)
    const vote = voteOf(voterOf(exchange, attempt))
    if (vote === undefined) return
    const before = this.#watches.get(key) ?? newWatch(id, target, label)
    const watch = vote.succeeded
      ? withSuccess(before, vote.callbackId)
      : withFailure({ ...before, label }, failureOf(vote.callbackId, exchange, attempt))
    this.#watches.set(key, watch)
    if (watch.streak.failures !== before.streak.failures) {
      this.#options.onStreak(id, role, watch.streak.failures)
    }
    const firing = this.#firing.get(key)
    if (firing !== undefined && !vote.succeeded) addFailure(firing, watch, vote.callbackId)
    this.#review(key, watch, exchange.route)
  }

  /** Nothing is decided by a delivery yet. */
  settled(_exchange: Exchange, _delivery: Delivery): void {}

  /** Call about once a second: writes what gathered, reminds, and tries again what the store did not take. */
  tick(now: number): void {
    for (const [key, firing] of this.#firing) {
      this.#note(key, firing)
      const { incident } = firing
      if (!isReminderDue(incident, this.#settings.repeatEveryMs, now)) continue
      firing.incident = { ...incident, told_at: now, reminders: incident.reminders + 1 }
      this.#desk.remind(incident.id, firing.incident.reminders, now)
    }
    this.#desk.tick(now)
  }

  /** After a reload. Incidents of routes and targets that are gone are closed, and said to be. */
  configure(routes: readonly Route[], settings: AlertSettings): void {
    this.#routes = byId(routes)
    this.#settings = settings
    this.#desk.telling = settings
    this.#reviewAll()
  }

  /** The incidents that are open now. */
  snapshot(): readonly IncidentRow[] {
    return [...this.#firing.values()].map(({ incident }) => incident)
  }

  /** Resolves when everything decided so far is in the store, or the store does not take it now. */
  async idle(): Promise<void> {
    await this.#desk.idle()
  }

  /** Writes what gathered. */
  async close(): Promise<void> {
    for (const [key, firing] of this.#firing) this.#note(key, firing)
    this.#desk.tick(this.#options.clock.wall())
    await this.#desk.idle()
  }

  #reviewAll(): void {
    for (const [key, { incident }] of this.#firing) {
      // Per-call routes stand for targets that no configuration names.
      const isPerCall = this.#routes.get(incident.route)?.scope === 'call'
      if (isPerCall || this.#targetOf(incident.route, incident.target) !== undefined) continue
      this.#watches.delete(key)
      this.#resolve(key, 'route_removed')
    }
    for (const [key, watch] of this.#watches) {
      const route = this.#routes.get(watch.route)
      if (route !== undefined) this.#review(key, watch, route)
    }
  }

  #review(key: string, watch: Watch, route: Route): void {
    const thresholds = { ...this.#settings.thresholds, ...this.#settings.routeThresholds.get(route.id) }
    switch (signalOf(judgeStreak(watch.streak, thresholds), this.#firing.has(key))) {
      case 'fire':
        return this.#fire(key, watch, route)
      case 'resolve':
        return this.#resolve(key, 'recovered')
      case 'stay':
        return
    }
  }

  #fire(key: string, watch: Watch, route: Route): void {
    const now = this.#options.clock.wall()
    const incident: IncidentRow = {
      id: this.#options.newId(now),
      rule: RULE,
      route: route.id,
      target: watch.target,
      target_label: watch.label,
      severity: this.#severityOf(watch, route),
      reason: reasonOf(watch),
      since: watch.first?.at ?? timeOfId(watch.streak.firstFailureId),
      opened_at: now,
      closed_at: null,
      close_reason: '',
      value: watch.streak.failures,
      callbacks: watch.streak.failures,
      first_failure: watch.first,
      recent_failures: watch.recent,
      told_at: now,
      reminders: 0,
      acked_by: '',
      ack_comment: '',
      acked_until: 0,
    }
    this.#firing.set(key, { incident, hurt: [], isDirty: false })
    this.#options.onFiring(route.id, RULE, true)
    this.#options.onIncident?.(incident, 'fires')
    this.#desk.open(incident, watch.streak.failedIds)
  }

  #resolve(key: string, reason: string): void {
    const firing = this.#firing.get(key)
    if (firing === undefined) return
    this.#note(key, firing)
    this.#firing.delete(key)
    const { id, route, rule } = firing.incident
    const isLast = !this.snapshot().some((other) => other.route === route && other.rule === rule)
    if (isLast) this.#options.onFiring(route, RULE, false)
    const now = this.#options.clock.wall()
    this.#options.onIncident?.({ ...firing.incident, closed_at: now, close_reason: reason }, 'resolved')
    this.#desk.close(id, now, reason)
  }

  #note(key: string, firing: Firing): void {
    if (!firing.isDirty) return
    const route = this.#routes.get(firing.incident.route)
    const watch = this.#watches.get(key)
    if (route !== undefined && watch !== undefined && watch.streak.failures > 0) {
      firing.incident = { ...firing.incident, severity: this.#severityOf(watch, route) }
    }
    this.#desk.note(firing.incident.id, firing.incident, firing.hurt)
    firing.hurt = []
    firing.isDirty = false
  }

  /** A warning only while another target of the route takes what this one does not. */
  #severityOf(watch: Watch, route: Route): IncidentSeverity {
    const isHelped = route.targets.some(({ role }) => {
      if (role === watch.target) return false
      const other = this.#watches.get(keyOf(route.id, role))
      return other !== undefined && other.streak.failures === 0 && other.streak.successes > 0
    })
    return isHelped ? 'warning' : 'critical'
  }

  #targetOf(routeId: string, role: string) {
    return this.#routes.get(routeId)?.targets.find((target) => target.role === role)
  }
}

function addHurt(firing: Firing | undefined, callbackId: string): void {
  if (firing === undefined) return
  firing.hurt.push(callbackId)
  firing.isDirty = true
}

/** The first failure stays the one that began the incident, and the value the worst streak in it. */
function addFailure(firing: Firing, watch: Watch, callbackId: string): void {
  const { incident } = firing
  addHurt(firing, callbackId)
  firing.incident = {
    ...incident,
    value: Math.max(incident.value, watch.streak.failures),
    reason: watch.streak.failures > incident.value ? reasonOf(watch) : incident.reason,
    recent_failures: watch.recent,
  }
}

function reasonOf({ streak }: Watch): string {
  return `${counted(streak.failures, 'failure')} in a row`
}

function keyOf(route: string, target: string): string {
  return `${route} ${target}`
}

function byId(routes: readonly Route[]): ReadonlyMap<string, Route> {
  return new Map(routes.map((route) => [route.id, route]))
}
