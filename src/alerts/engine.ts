import type { Attempt, Delivery, RefusalReason } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import { timeOfId } from '../callback/id.ts'
import type { Role, Route } from '../callback/route.ts'
import type { Streak } from '../callback/streak.ts'
import { roleOfKey, streakKey } from '../callback/streak-key.ts'
import { voteOf } from '../callback/vote.ts'
import type { Clock } from '../clock.ts'
import type {
  AlertStore,
  IncidentRow,
  IncidentSeverity,
  MarkerRow,
  Place,
  SilenceRow,
} from '../ledger/alert-store.ts'
import type { Message } from '../notify/notifier.ts'
import { audienceOf, type Maintenance, type Wants } from './audience.ts'
import { causeOf } from './cause.ts'
import { contextOf } from './context.ts'
import { FlapGuard, type FlapSettings } from './flap.ts'
import { IncidentBook } from './incident-book.ts'
import { type Acknowledgement, IncidentDesk, type Telling } from './incident-desk.ts'
import { type PastCallback, recallFailures } from './recall.ts'
import { type Finding, judgeStreak, type Rule, signalOf, type Thresholds } from './rule.ts'
import { wordsOf } from './rule-words.ts'
import { RouteWatch, trafficRules } from './route-watch.ts'
import { type RuleOverrides, type RuleSettings, settingsOf } from './rules/settings.ts'
import { type Judged, judgeStanding, type Standing } from './standing-watch.ts'
import { failureOf, newWatch, shownIds, voterOf, type Watch, withFailure, withSuccess } from './watch.ts'
import { counted } from './words.ts'

/** When and how people are told; from the configuration. */
export interface AlertSettings extends Telling {
  /** For routes without their own. */
  readonly thresholds: Thresholds
  /** By route id. */
  readonly routeThresholds: ReadonlyMap<string, Partial<Thresholds>>
  readonly rules: RuleSettings
  /** By route id. */
  readonly routeRules: ReadonlyMap<string, RuleOverrides>
  readonly flapping: FlapSettings
  /** By channel; one that is missing is told everything. */
  readonly wants: ReadonlyMap<string, Wants>
  readonly maintenance: readonly Maintenance[]
}

export interface AlertEngineOptions {
  readonly clock: Clock
  readonly store: AlertStore
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
  /** How things stand now: rescue queue, certificates, ledger. */
  readonly standing?: () => Standing
  readonly onStreak: (route: string, target: Role, failures: number) => void
  readonly onFiring: (route: string, rule: Rule, isFiring: boolean) => void
  /** An incident was opened or closed, for the log. */
  readonly onIncident?: (incident: IncidentRow, change: 'fires' | 'resolved') => void
  /** Messages wait in the outbox. */
  readonly onNotifications: () => void
  /** The store cannot be written: this must reach people all the same. */
  readonly onUnstored: (message: Message, channels: readonly string[]) => void
  /** The store did not take a write; it is tried again with every tick. */
  readonly onProblem: (error: unknown) => void
}

/** How one rule stands on one route. */
export interface Explanation {
  readonly route: string
  readonly rule: Rule
  readonly target: string
  readonly is_on: boolean
  readonly is_firing: boolean
  readonly verdict: Finding['verdict']
  readonly value: number
  readonly reason: string
  /** Why nobody is told of it although it fires; empty when somebody is. */
  readonly held: string
}

const STREAK: Rule = 'consecutive_failures'
/** Rules that say the same in other words while a target of the route is down. */
const explained: ReadonlySet<string> = new Set<Rule>([
  'failure_rate',
  'slow_responses',
  'deadline_misses',
  'fallback_in_use',
  'backlog_age',
])
/** Rules over windows are judged this often; the streak at once. */
const JUDGE_EVERY_MS = 5_000
const KEPT_MARKERS = 100

/**
 * Watches decided attempts and callbacks and keeps one incident open for each cause.
 *
 * Start it before the first callback is let in. `attempted`, `settled`, `refused` and `tick` are synchronous, cheap and
 * never throw: what they decide is written in the background, in order, until the store takes it. The streaks and the
 * open incidents are in the ledger, so a crash at any point loses neither an alert nor its end.
 */
export class AlertEngine {
  readonly #options: AlertEngineOptions
  readonly #desk: IncidentDesk
  readonly #book: IncidentBook
  readonly #watches = new Map<string, Watch>()
  readonly #routeWatches = new Map<string, RouteWatch>()
  readonly #flaps = new Map<string, FlapGuard>()
  /** Streaks that are well and whose alert flaps: looked at again with every tick. */
  readonly #settling = new Set<string>()
  #settings: AlertSettings
  #ruleSettings = new Map<string, RuleSettings>()
  #routes: ReadonlyMap<string, Route>
  #silences: readonly SilenceRow[] = []
  #markers: readonly MarkerRow[] = []
  #judgedAt = 0

  constructor(options: AlertEngineOptions) {
    this.#options = options
    this.#settings = options.settings
    this.#routes = byId(options.routes)
    this.#desk = new IncidentDesk(options, options.settings)
    this.#book = new IncidentBook({
      desk: this.#desk,
      repeatEveryMs: () => this.#settings.repeatEveryMs,
      audience: (incident, now) =>
        audienceOf(incident, options.channels(), {
          wants: this.#settings.wants,
          maintenance: this.#settings.maintenance,
          silences: this.#silences,
          parent: this.#parentOf(incident),
          now,
        }),
      onFiring: options.onFiring,
      onIncident: (incident, change) => options.onIncident?.(incident, change),
    })
  }

  /** Takes up where the last process stopped; decides at once what it did not come to decide. */
  async start(): Promise<void> {
    const { store, clock } = this.#options
    const now = clock.wall()
    const { withinMs } = this.#settings.flapping
    const [open, recent, streaks, silences, markers] = await Promise.all([
      store.incidents({ open: true, limit: Number.MAX_SAFE_INTEGER }),
      store.incidents({ open: false, since: now - withinMs, limit: 1000 }),
      this.#options.streaks(),
      store.silences(now),
      store.markers(now - 86_400_000, KEPT_MARKERS),
    ])
    this.#silences = silences
    this.#markers = markers
    for (const each of streaks) await this.#recall(each)
    for (const incident of [...recent, ...open].toReversed()) {
      const key = flapKey(incident.rule, incident)
      if (incident.opened_at > now - withinMs)
        this.#flap(key).fired(incident.opened_at, this.#settings.flapping)
    }
    for (const incident of open) {
      const hurt = incident.places.flatMap(
        ({ route, target }) => this.#watches.get(keyOf(route, target))?.streak.failedIds ?? [],
      )
      this.#book.restore(incident, incident.places, incident.rule === STREAK ? hurt : [])
    }
    this.#reviewAll()
  }

  attempted(exchange: Exchange, attempt: Attempt): void {
    const { id } = exchange.route
    const target = streakKey(exchange.route, attempt.target)
    const place = { route: id, target }
    this.#routeWatch(id).attempted(exchange, attempt)
    // A skipped target says nothing new of itself, but the callback is hurt by its outage all the same.
    if (attempt.outcome === 'circuit_open') this.#book.hurt(STREAK, place, exchange.callback.id)
    const vote = voteOf(voterOf(exchange, attempt))
    if (vote === undefined) return
    const key = keyOf(id, target)
    const { role, label } = attempt.target
    const before = this.#watches.get(key) ?? newWatch(id, target, label)
    const watch = vote.succeeded
      ? withSuccess(before, vote.callbackId, attempt)
      : withFailure({ ...before, label }, failureOf(vote.callbackId, exchange, attempt))
    this.#watches.set(key, watch)
    if (watch.streak.failures !== before.streak.failures) {
      this.#options.onStreak(id, role, watch.streak.failures)
    }
    if (!vote.succeeded) this.#addFailure(place, watch, vote.callbackId)
    this.#review(key, watch, exchange.route)
  }

  settled(exchange: Exchange, delivery: Delivery): void {
    const { id } = exchange.route
    const bad = this.#routeWatch(id).settled(exchange, delivery, this.#rulesOf(id))
    for (const rule of bad) this.#book.hurt(rule, { route: id, target: '' }, exchange.callback.id)
  }

  /** A request that was not let in. */
  refused(refusal: {
    readonly reason: RefusalReason
    readonly route: string
    readonly receivedAt: number
  }): void {
    if (refusal.route === '' || !ofSignature.has(refusal.reason)) return
    this.#routeWatch(refusal.route).tally.add('refused', refusal.receivedAt)
  }

  /** Call about once a second: judges, writes what gathered, reminds, and tries again what the store did not take. */
  tick(now: number): void {
    const settling = [...this.#settling]
    this.#settling.clear()
    for (const key of settling) {
      const watch = this.#watches.get(key)
      const route = watch && this.#routes.get(watch.route)
      if (watch !== undefined && route !== undefined) this.#review(key, watch, route)
    }
    if (now - this.#judgedAt >= JUDGE_EVERY_MS) {
      this.#judgedAt = now
      this.#judgeAll(now)
    }
    this.#book.tick(now)
    this.#desk.tick(now)
  }

  /** After a reload. Incidents of routes and targets that are gone are closed, and said to be. */
  configure(routes: readonly Route[], settings: AlertSettings): void {
    this.#routes = byId(routes)
    this.#settings = settings
    this.#ruleSettings = new Map()
    this.#desk.telling = settings
    for (const id of this.#routeWatches.keys()) if (!this.#routes.has(id)) this.#routeWatches.delete(id)
    this.#reviewAll()
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
    this.#markers = [marker, ...this.#markers].slice(0, KEPT_MARKERS)
    await this.#options.store.addMarker(marker)
  }

  /** What is usual on a route, and what was counted before the start. */
  routeWatch(id: string): RouteWatch {
    return this.#routeWatch(id)
  }

  /** How every rule stands on a route. */
  explain(route: string): readonly Explanation[] {
    const now = this.#options.clock.wall()
    const streaks = [...this.#watches.values()]
      .filter((watch) => watch.route === route)
      .map((watch) => this.#explanation(STREAK, watch, { isOn: true, finding: this.#streakFinding(watch) }))
    const settings = this.#rulesOf(route)
    const others = trafficRules.map((rule) =>
      this.#explanation(
        rule,
        { route, target: '' },
        {
          isOn: settings[rule].enabled,
          finding: this.#routeWatch(route).judge(rule, settings, now),
        },
      ),
    )
    const standing = this.#standing(now)
      .filter(({ place }) => place.route === route || place.route === '')
      .map(({ rule, place, isOn, finding }) => this.#explanation(rule, place, { isOn, finding }))
    return [...streaks, ...others, ...standing]
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

  async #recall({ route, target, streak }: { route: string; target: string; streak: Streak }): Promise<void> {
    const role = roleOfKey(target)
    const label = this.#targetOf(route, role)?.label ?? ''
    const { callbackOf } = this.#options
    const shown = await recallFailures(shownIds(streak), { target: role, callbackOf })
    const watch = { ...newWatch(route, target, label), streak, first: shown[0] ?? null }
    this.#watches.set(keyOf(route, target), { ...watch, recent: shown.slice(-3) })
    if (streak.failures > 0) this.#options.onStreak(route, role, streak.failures)
  }

  #reviewAll(): void {
    const now = this.#options.clock.wall()
    for (const { rule, places } of this.#book.incidents()) {
      for (const place of places) {
        if (this.#isWatched(place)) continue
        this.#watches.delete(keyOf(place.route, place.target))
        this.#book.resolve(rule as Rule, place, now, 'route_removed')
      }
    }
    for (const [key, watch] of this.#watches) {
      const route = this.#routes.get(watch.route)
      if (route !== undefined) this.#review(key, watch, route)
    }
  }

  #isWatched({ route, target }: Place): boolean {
    if (route === '') return true
    if (target === '') return this.#routes.has(route)
    // Per-call routes stand for targets that no configuration names.
    const isPerCall = this.#routes.get(route)?.scope === 'call' || target.includes(' ')
    return isPerCall || this.#targetOf(route, roleOfKey(target)) !== undefined
  }

  #review(key: string, watch: Watch, route: Route): void {
    const now = this.#options.clock.wall()
    const flap = this.#flap(flapKey(STREAK, watch))
    const verdict = judgeStreak(watch.streak, this.#thresholdsOf(route.id))
    switch (signalOf(verdict, this.#book.isFiring(STREAK, watch))) {
      case 'fire':
        flap.fired(now, this.#settings.flapping)
        return this.#book.fire(this.#streakIncident(watch, route), watch.streak.failedIds)
      case 'resolve':
        if (flap.mayResolve(now, this.#settings.flapping)) {
          return this.#book.resolve(STREAK, watch, now, 'recovered')
        }
        this.#settling.add(key)
        return
      case 'stay':
        if (verdict !== 'good') flap.unsettled()
    }
  }

  #judgeAll(now: number): void {
    for (const [id, watch] of this.#routeWatches) {
      if (!this.#routes.has(id)) continue
      const settings = this.#rulesOf(id)
      for (const rule of trafficRules) {
        const place = { route: id, target: '' }
        const isOn = settings[rule].enabled
        if (!isOn && !this.#book.isFiring(rule, place)) continue
        this.#follow(
          { rule, place, isOn, cause: '', label: '', finding: watch.judge(rule, settings, now) },
          now,
        )
      }
    }
    for (const judged of this.#standing(now)) this.#follow(judged, now)
  }

  #standing(now: number): readonly Judged[] {
    const standing = this.#options.standing?.()
    if (standing === undefined) return []
    return judgeStanding(standing, { routes: this.#routes, rulesOf: (id) => this.#rulesOf(id), now })
  }

  /** Fires or resolves what a rule found. */
  #follow(judged: Judged, now: number): void {
    const { rule, place, isOn, finding } = judged
    const isFiring = this.#book.isFiring(rule, place)
    if (!isOn) {
      if (isFiring) this.#book.resolve(rule, place, now, 'rule_off')
      return
    }
    const flap = this.#flap(flapKey(rule, place))
    switch (signalOf(finding.verdict, isFiring)) {
      case 'fire':
        flap.fired(now, this.#settings.flapping)
        return this.#book.fire(this.#incidentOf(judged, now), [])
      case 'resolve':
        if (flap.mayResolve(now, this.#settings.flapping)) this.#book.resolve(rule, place, now, 'recovered')
        return
      case 'stay':
        if (!isFiring) return
        if (finding.verdict !== 'good') flap.unsettled()
        if (finding.verdict !== 'bad') return
        if (!isWorse(finding.value, this.#book.valueOf(rule, place))) return
        this.#book.update(rule, place, () => ({ value: finding.value, reason: finding.reason }))
    }
  }

  #streakIncident(watch: Watch, route: Route): IncidentRow {
    const since = watch.first?.at ?? timeOfId(watch.streak.firstFailureId)
    const target = route.targets.find(({ role }) => role === roleOfKey(watch.target)) ?? route.targets[0]
    return {
      ...this.#blank(STREAK, watch, since),
      target_label: watch.label,
      severity: this.#severityOf(watch, route),
      reason: this.#withFlap(reasonOf(watch), flapKey(STREAK, watch)),
      value: watch.streak.failures,
      callbacks: watch.streak.failures,
      first_failure: watch.first,
      recent_failures: watch.recent,
      cause: causeOf(watch.recent.at(-1)?.outcome, { ...target, label: watch.label }),
      context: contextOf(watch, { watches: this.#watches.values(), markers: this.#markers, since }),
    }
  }

  #incidentOf({ rule, place, finding, cause, label }: Judged, now: number): IncidentRow {
    const failing = [...this.#watches.values()].filter(
      ({ route, recent }) => route === place.route && recent.length > 0,
    )
    const since = finding.since ?? now
    const isOfFailures = rule === 'failure_rate' || rule === 'deadline_misses'
    const recent = isOfFailures ? failing.flatMap((watch) => watch.recent) : []
    return {
      ...this.#blank(rule, place, since),
      target_label: label,
      reason: this.#withFlap(finding.reason, flapKey(rule, place)),
      value: finding.value,
      recent_failures: recent.toSorted((a, b) => a.at - b.at).slice(-3),
      cause,
      context: contextOf(undefined, { watches: [], markers: this.#markers, since }),
    }
  }

  #blank(rule: Rule, { route, target }: Place, since: number): IncidentRow {
    const now = this.#options.clock.wall()
    return {
      id: this.#options.newId(now),
      rule,
      route,
      target,
      target_label: '',
      severity: wordsOf(rule).severity,
      reason: '',
      since,
      opened_at: now,
      closed_at: null,
      close_reason: '',
      value: 0,
      callbacks: 0,
      first_failure: null,
      recent_failures: [],
      told_at: now,
      reminders: 0,
      acked_by: '',
      ack_comment: '',
      acked_until: 0,
      cause: '',
      places: [{ route, target }],
      context: [],
    }
  }

  #addFailure(place: Place, watch: Watch, callbackId: string): void {
    if (!this.#book.isFiring(STREAK, place)) return
    this.#book.hurt(STREAK, place, callbackId)
    const route = this.#routes.get(place.route)
    this.#book.update(STREAK, place, (incident) => ({
      value: Math.max(incident.value, watch.streak.failures),
      reason: watch.streak.failures > incident.value ? reasonOf(watch) : incident.reason,
      recent_failures: watch.recent,
      ...(route !== undefined && { severity: this.#severityOf(watch, route) }),
    }))
  }

  /** A warning only while another target of the route takes what this one does not. */
  #severityOf(watch: Watch, route: Route): IncidentSeverity {
    const isHelped = route.targets.some((target) => {
      const key = streakKey(route, target)
      if (key === watch.target) return false
      const other = this.#watches.get(keyOf(route.id, key))
      return other !== undefined && other.streak.failures === 0 && other.streak.successes > 0
    })
    return isHelped ? 'warning' : 'critical'
  }

  /** The incident of a dead target says what these rules say as well. */
  #parentOf({ rule, route }: IncidentRow): string {
    return explained.has(rule) ? (this.#book.of(STREAK, route)?.id ?? '') : ''
  }

  #explanation(
    rule: Rule,
    place: Place,
    { isOn, finding }: { readonly isOn: boolean; readonly finding: Finding },
  ): Explanation {
    const isFiring = this.#book.isFiring(rule, place)
    const incident = isFiring ? this.#book.of(rule, place.route) : undefined
    return {
      route: place.route,
      rule,
      target: place.target,
      is_on: isOn,
      is_firing: isFiring,
      verdict: finding.verdict,
      value: finding.value,
      reason: finding.reason,
      held: incident === undefined ? '' : this.#book.heldOf(incident.id),
    }
  }

  #streakFinding(watch: Watch): Finding {
    const thresholds = this.#thresholdsOf(watch.route)
    const { failures, successes } = watch.streak
    return {
      verdict: judgeStreak(watch.streak, thresholds),
      value: failures,
      reason:
        failures > 0
          ? `${counted(failures, 'failure')} in a row (fires at ${thresholds.consecutiveFailures})`
          : `${successes} successes since the last failure (over at ${thresholds.resolveAfter})`,
    }
  }

  #withFlap(reason: string, key: string): string {
    const { flapping } = this.#settings
    return this.#flap(key).isFlapping(flapping) ? `${reason}; it comes and goes` : reason
  }

  #thresholdsOf(route: string): Thresholds {
    return { ...this.#settings.thresholds, ...this.#settings.routeThresholds.get(route) }
  }

  #rulesOf(route: string): RuleSettings {
    let settings = this.#ruleSettings.get(route)
    if (settings === undefined) {
      settings = settingsOf(this.#settings.rules, this.#settings.routeRules.get(route))
      this.#ruleSettings.set(route, settings)
    }
    return settings
  }

  #routeWatch(id: string): RouteWatch {
    let watch = this.#routeWatches.get(id)
    if (watch === undefined) {
      watch = new RouteWatch(this.#options.clock.wall())
      this.#routeWatches.set(id, watch)
    }
    return watch
  }

  #flap(key: string): FlapGuard {
    let guard = this.#flaps.get(key)
    if (guard === undefined) {
      guard = new FlapGuard()
      this.#flaps.set(key, guard)
    }
    return guard
  }

  #targetOf(routeId: string, role: Role) {
    return this.#routes.get(routeId)?.targets.find((target) => target.role === role)
  }
}

const ofSignature: ReadonlySet<RefusalReason> = new Set<RefusalReason>([
  'signature_missing',
  'signature_bad',
  'timestamp_bad',
  'timestamp_stale',
])

/** Measures that grow while it lasts are written again only when it is clearly worse. */
function isWorse(value: number, before: number): boolean {
  return value > before * 1.2
}

function reasonOf({ streak }: Watch): string {
  return `${counted(streak.failures, 'failure')} in a row`
}

function keyOf(route: string, target: string): string {
  return `${route} ${target}`
}

function flapKey(rule: string, { route, target }: Place): string {
  return `${rule} ${route} ${target}`
}

function byId(routes: readonly Route[]): ReadonlyMap<string, Route> {
  return new Map(routes.map((route) => [route.id, route]))
}
