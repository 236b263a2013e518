import type { Attempt, Delivery, RefusalReason } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import { DRILL_ROUTE, type Route } from '../callback/route.ts'
import { roleOfKey } from '../callback/streak-key.ts'
import type { IncidentRow, MarkerRow, Place, SilenceRow } from '../ledger/alert-store.ts'
import { audienceOf } from './incidents/audience.ts'
import type { AlertEngineOptions, AlertSettings, Explanation } from './engine-options.ts'
import { IncidentBook } from './incidents/incident-book.ts'
import { type Acknowledgement, IncidentDesk } from './incidents/incident-desk.ts'
import type { Heard } from '../ledger/sharing.ts'
import type { SharedState } from './heard.ts'
import type { RouteWatch } from './route-watch.ts'
import type { Finding, Rule } from './rule.ts'
import { RuleBoard } from './rule-board.ts'
import { Scene } from './scene.ts'
import { certificateCause } from './standing-watch.ts'
import { STREAK, StreakBoard } from './streak-board.ts'

/** Rules that say the same in other words while a target of the route is down. */
const explained: ReadonlySet<string> = new Set<Rule>([
  'failure_rate',
  'slow_responses',
  'deadline_misses',
  'fallback_in_use',
  'backlog_age',
])
const KEPT_MARKERS = 100
const MARKERS_REACH_MS = 86_400_000
const MOST_RECENT = 1000

/**
 * Watches decided attempts and callbacks and keeps one incident open for each cause.
 *
 * Start it before the first callback is let in. `attempted`, `settled`, `refused` and `tick` are synchronous, cheap and
 * never throw: what they decide is written in the background, in order, until the store takes it. The streaks and the
 * open incidents are in the ledger, so a crash at any point loses neither an alert nor its end.
 */
export class AlertEngine {
  readonly #options: AlertEngineOptions
  readonly #scene: Scene
  readonly #desk: IncidentDesk
  readonly #book: IncidentBook
  readonly #streaks: StreakBoard
  readonly #rules: RuleBoard
  #silences: readonly SilenceRow[] = []

  constructor(options: AlertEngineOptions) {
    this.#options = options
    this.#scene = new Scene(options.settings, options.routes, options)
    this.#desk = new IncidentDesk(
      { ...options, isSkipped: (incident) => this.#isSkipped(incident) },
      options.settings,
    )
    this.#book = new IncidentBook({
      desk: this.#desk,
      repeatEveryMs: () => this.#scene.settings.repeatEveryMs,
      audience: (incident, now) =>
        audienceOf(incident, options.channels(), {
          wants: this.#scene.settings.wants,
          maintenance: this.#scene.settings.maintenance,
          silences: this.#silences,
          parent: this.#parentOf(incident),
          now,
        }),
      onFiring: options.onFiring,
      onIncident: (incident, change) => options.onIncident?.(incident, change),
    })
    this.#streaks = new StreakBoard(this.#scene, this.#book, options)
    const watches = () => this.#streaks.watches()
    this.#rules = new RuleBoard(this.#scene, this.#book, { standing: options.standing, watches })
  }

  /** Takes up where the last process stopped; decides at once what it did not come to decide. */
  async start(): Promise<void> {
    const { store, clock } = this.#options
    const now = clock.wall()
    const { flapping } = this.#scene.settings
    const [open, recent, streaks, silences, markers] = await Promise.all([
      store.incidents({ open: true, limit: Number.MAX_SAFE_INTEGER }),
      store.incidents({ open: false, since: now - flapping.withinMs, limit: MOST_RECENT }),
      this.#options.streaks(),
      store.silences(now),
      store.markers(now - MARKERS_REACH_MS, KEPT_MARKERS),
    ])
    this.#silences = silences
    this.#scene.markers = markers
    // Every drill begins afresh, whatever became of the last one.
    const [told] = await Promise.all([
      Promise.all(open.map(async ({ id }) => this.#toldOf(id))),
      this.#streaks.recall(streaks.filter(({ route }) => route !== DRILL_ROUTE)),
    ])
    for (const incident of [...recent, ...open].toReversed()) {
      if (incident.opened_at <= now - flapping.withinMs) continue
      this.#scene.flapOf(incident.rule as Rule, incident).fired(incident.opened_at, flapping)
    }
    for (const [at, incident] of open.entries()) {
      const firing = incident.rule === STREAK ? incident.places.filter(({ is_over }) => is_over !== true) : []
      const hurt = firing.flatMap((place) => this.#streaks.failedIds(place))
      this.#book.restore(incident, hurt, told[at])
    }
    this.#reviewAll()
  }

  attempted(exchange: Exchange, attempt: Attempt): void {
    this.#rules.attempted(exchange, attempt)
    this.#streaks.attempted(exchange, attempt)
  }

  settled(exchange: Exchange, delivery: Delivery): void {
    this.#rules.settled(exchange, delivery)
  }

  /** A request that was not let in. */
  refused(refusal: {
    readonly reason: RefusalReason
    readonly route: string
    readonly receivedAt: number
  }): void {
    this.#rules.refused(refusal.reason, refusal.route, refusal.receivedAt)
  }

  /** Callbacks and refusals that another replica decided. */
  hear({ callbacks, refusals }: Heard): void {
    for (const each of callbacks) {
      const route = this.#scene.routes.get(each.route)
      if (route === undefined) continue
      const callback = { id: each.id, receivedAt: each.received_at }
      if (each.by_fallback) {
        this.#rules
          .watch(route.id)
          .attempted({ callback }, { outcome: 'ok', via: 'live', number: 2, target: { role: 'fallback' } })
      }
      const facts = { event: each.event, callId: each.call_id }
      const { result, answer_ms: answerMs, last_outcome } = each
      const lastOutcome = last_outcome === '' ? undefined : last_outcome
      this.#rules.settled({ callback, route, facts }, { result, answerMs, lastOutcome })
    }
    for (const { reason, route, received_at } of refusals) this.#rules.refused(reason, route, received_at)
  }

  /** What stands in a shared ledger now. Call about once a second where replicas share one. */
  async adopt({ at, streaks, open, silences, markers }: SharedState): Promise<void> {
    this.#silences = silences
    this.#scene.markers = markers
    const isBehind = this.#desk.waiting > 0
    this.#book.adopt(open, { at, isBehind, isLeading: this.#scene.isLeading() })
    if (this.#scene.foldsHere()) return
    await this.#streaks.adopt(streaks.filter(({ route }) => route !== DRILL_ROUTE))
  }

  /** This process decides from now on: what the last one did not come to decide is decided at once. */
  takeLead(): void {
    this.#reviewAll()
  }

  /** Call about once a second: judges, writes what gathered, reminds, and tries again what the store did not take. */
  tick(now: number): void {
    if (this.#scene.isLeading()) {
      this.#streaks.tick()
      this.#rules.tick(now)
      this.#book.tick(now)
    }
    this.#desk.tick(now)
  }

  /** After a reload. Incidents of routes and targets that are gone are closed, and said to be. */
  configure(routes: readonly Route[], settings: AlertSettings): void {
    this.#scene.configure(routes, settings)
    this.#desk.telling = settings
    this.#rules.prune()
    this.#reviewAll()
    this.#streaks.prune()
  }

  /** The incidents that are open now. */
  snapshot(): readonly IncidentRow[] {
    return this.#book.incidents()
  }

  /** No reminders until then. False when it is not open. */
  acknowledge(id: string, ack: Acknowledgement): boolean {
    return this.#book.acknowledge(id, ack)
  }

  /** From the next tick on nobody is told of what it covers. Resolves when it is kept. */
  async silence(silence: SilenceRow): Promise<void> {
    await this.#options.store.addSilence(silence)
    this.#silences = [silence, ...this.#silences]
  }

  /** False when there is none. */
  async endSilence(id: string, at: number): Promise<boolean> {
    const isEnded = await this.#options.store.endSilence(id, at)
    this.#silences = this.#silences.filter((each) => each.id !== id)
    return isEnded
  }

  /** Remembers what people did, for the messages of alerts that follow. Resolves when it is kept. */
  async mark(marker: MarkerRow): Promise<void> {
    this.#scene.markers = [marker, ...this.#scene.markers].slice(0, KEPT_MARKERS)
    await this.#options.store.addMarker(marker)
  }

  /** The counters of one route: what is usual on it can be told to them. */
  routeWatch(id: string): RouteWatch {
    return this.#rules.watch(id)
  }

  /** How every rule stands on a route. */
  explain(route: string): readonly Explanation[] {
    const now = this.#options.clock.wall()
    return [
      ...this.#streaks
        .findings(route)
        .map(({ place, finding }) => this.#explanation(STREAK, place, finding, this.#streaks.isOn(route))),
      ...this.#rules
        .findings(route, now)
        .map(({ rule, place, isOn, finding }) => this.#explanation(rule, place, finding, isOn)),
    ]
  }

  /** Resolves when everything decided so far is in the store, or the store does not take it now. */
  async idle(): Promise<void> {
    await this.#desk.idle()
  }

  /** Writes what gathered. */
  async close(): Promise<void> {
    this.#book.flush()
    this.#desk.tick(this.#options.clock.wall())
    await this.#desk.idle()
  }

  #reviewAll(): void {
    const now = this.#options.clock.wall()
    for (const incident of this.#book.incidents()) {
      for (const place of incident.places) {
        if (this.#isWatched(incident, place)) continue
        if (incident.rule === STREAK) this.#streaks.forget(place)
        this.#book.resolve(incident.rule as Rule, place, now, 'route_removed')
      }
    }
    this.#streaks.reviewAll()
  }

  /** Channels that an earlier process told of an incident. */
  async #toldOf(id: string): Promise<readonly string[]> {
    const rows = await this.#options.store.notifications({ incident_id: id, limit: Number.MAX_SAFE_INTEGER })
    return rows.filter(({ kind }) => kind === 'firing').map(({ channel }) => channel)
  }

  #isWatched({ rule, cause }: IncidentRow, { route, target }: Place): boolean {
    if (route === '') return true
    if (target === '') return this.#scene.routes.has(route)
    const configured = this.#scene.targetOf(route, roleOfKey(target))
    // Of a server that the target has left no certificate will be seen any more.
    if (rule === 'target_certificate_expiry' && configured !== undefined)
      return cause === certificateCause(configured)
    // Per-call routes stand for targets that no configuration names.
    const isPerCall = this.#scene.routes.get(route)?.scope === 'call' || target.includes(' ')
    return isPerCall || configured !== undefined
  }

  /** The incident of a dead target says what these rules say as well. */
  #parentOf({ rule, route }: IncidentRow): string {
    return explained.has(rule) ? (this.#book.of(STREAK, route)?.id ?? '') : ''
  }

  #isSkipped({ route, target: role }: IncidentRow): boolean | undefined {
    const target = role === 'primary' || role === 'fallback' ? this.#scene.targetOf(route, role) : undefined
    return target && this.#options.isSkipped?.(target)
  }

  #explanation(rule: Rule, place: Place, finding: Finding, isOn: boolean): Explanation {
    const isFiring = this.#book.isFiring(rule, place)
    const incident = isFiring ? this.#book.of(rule, place.route) : undefined
    const held = incident === undefined ? '' : this.#book.heldOf(incident.id)
    const { route, target } = place
    const { verdict, value, reason } = finding
    return { route, rule, target, is_on: isOn, is_firing: isFiring, verdict, value, reason, held }
  }
}
