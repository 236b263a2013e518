import type { Attempt, RefusalReason } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import type { IncidentRow } from '../ledger/alert-store.ts'
import type { SeenCallback, SeenEnd } from './heard.ts'
import { contextOf } from './incidents/context.ts'
import type { IncidentBook } from './incidents/incident-book.ts'
import { isNotable, RouteWatch, trafficRules } from './route-watch.ts'
import { signalOf } from './rule.ts'
import type { Scene } from './scene.ts'
import { type Judged, judgeStanding, type Standing } from './standing-watch.ts'
import { Tallies } from './rules/tally.ts'
import type { Watch } from './watch.ts'

/** Rules over windows are judged this often; the streak at once. */
const JUDGE_EVERY_MS = 5_000

interface RuleSources {
  readonly standing: (() => Standing) | undefined
  /** Streaks, for the attempts that a message shows. */
  readonly watches: () => Iterable<Watch>
}

/** Counts what passes by and every few seconds judges all rules except the streak. */
export class RuleBoard {
  readonly #scene: Scene
  readonly #book: IncidentBook
  readonly #sources: RuleSources
  readonly #routeWatches = new Map<string, RouteWatch>()
  readonly #tallies: Tallies
  #judgedAt = 0

  constructor(scene: Scene, book: IncidentBook, sources: RuleSources) {
    this.#scene = scene
    this.#book = book
    this.#sources = sources
    this.#tallies = new Tallies(scene.clock)
  }

  attempted(exchange: Exchange, attempt: Attempt): void {
    if (isNotable(attempt)) this.watch(exchange.route.id).attempted(exchange, attempt)
  }

  settled(exchange: SeenCallback, delivery: SeenEnd): void {
    const { id } = exchange.route
    const bad = this.watch(id).settled(exchange, delivery, this.#scene.rulesOf(id))
    for (const rule of bad) this.#book.hurt(rule, { route: id, target: '' }, exchange.callback.id)
  }

  refused(reason: RefusalReason, route: string, at: number): void {
    if (route !== '' && ofSignature.has(reason)) this.watch(route).tally.add('refused', at)
  }

  /** The counters of one route. */
  watch(id: string): RouteWatch {
    let watch = this.#routeWatches.get(id)
    if (watch === undefined) {
      watch = new RouteWatch(this.#scene.clock, this.#tallies.take())
      this.#routeWatches.set(id, watch)
    }
    return watch
  }

  /** Forgets what was counted of routes that are gone. */
  prune(): void {
    for (const [id, { tally }] of this.#routeWatches) {
      if (this.#scene.routes.has(id)) continue
      this.#routeWatches.delete(id)
      this.#tallies.giveBack(tally)
    }
  }

  tick(now: number): void {
    const isSetBack = now < this.#judgedAt
    if ((now - this.#judgedAt < JUDGE_EVERY_MS && !isSetBack) || !this.#scene.isLeading()) return
    this.#judgedAt = now
    this.#watchFiring()
    for (const [id, watch] of this.#routeWatches) {
      if (!this.#scene.routes.has(id)) continue
      const isCalm = !watch.mayBeTroubled(this.#scene.rulesOf(id), now) && !this.#book.firesOn(id)
      if (!isCalm) for (const judged of this.#ofTraffic(id, now)) this.#follow(judged, now)
    }
    for (const judged of this.#standing(now, (id) => this.#book.firesOn(id))) this.#follow(judged, now)
  }

  /** A route of which nothing but refusals came has no counters after a start, and without them its alert has no end. */
  #watchFiring(): void {
    for (const { places } of this.#book.incidents()) {
      for (const { route } of places) if (this.#scene.routes.has(route)) this.watch(route)
    }
  }

  /** What every rule finds on a route, and over the whole process. */
  findings(route: string, now: number): readonly Judged[] {
    const standing = this.#standing(now, (id) => id === route).filter(
      ({ place }) => place.route === route || place.route === '',
    )
    return [...this.#ofTraffic(route, now), ...standing]
  }

  #ofTraffic(route: string, now: number): readonly Judged[] {
    const settings = this.#scene.rulesOf(route)
    const watch = this.watch(route)
    return trafficRules.map((rule) => ({
      rule,
      place: { route, target: '' },
      isOn: settings[rule].enabled,
      cause: '',
      label: '',
      finding: watch.judge(rule, settings, now),
    }))
  }

  /** @param isAsked routes that are judged although nothing of them waits */
  #standing(now: number, isAsked: (route: string) => boolean): readonly Judged[] {
    const standing = this.#sources.standing?.()
    if (standing === undefined) return []
    const { routes } = this.#scene
    return judgeStanding(standing, { routes, isAsked, rulesOf: (id) => this.#scene.rulesOf(id), now })
  }

  /** Fires or resolves what a rule found. */
  #follow(judged: Judged, now: number): void {
    const { rule, place, isOn, finding } = judged
    const isFiring = this.#book.isFiring(rule, place)
    if (!isOn) {
      if (isFiring) this.#book.resolve(rule, place, now, 'rule_off')
      return
    }
    const { flapping } = this.#scene.settings
    switch (signalOf(finding.verdict, isFiring)) {
      case 'fire':
        this.#scene.flapOf(rule, place).fired(now, flapping)
        return this.#book.fire(this.#incidentOf(judged, now), [])
      case 'resolve':
        if (this.#scene.flapOf(rule, place).mayResolve(now, flapping))
          this.#book.resolve(rule, place, now, 'recovered')
        return
      case 'stay':
        if (!isFiring) return
        if (finding.verdict !== 'good') this.#scene.unsettled(rule, place)
        if (finding.verdict !== 'bad' || !isWorse(finding.value, this.#book.valueOf(rule, place))) return
        this.#book.update(rule, place, () => ({ value: finding.value, reason: finding.reason }))
    }
  }

  #incidentOf({ rule, place, finding, cause, label }: Judged, now: number): IncidentRow {
    const since = finding.since ?? now
    const isOfFailures = rule === 'failure_rate' || rule === 'deadline_misses'
    const watches = isOfFailures ? [...this.#sources.watches()] : []
    const recent = watches.filter(({ route }) => route === place.route).flatMap((watch) => watch.recent)
    return {
      ...this.#scene.incident(rule, place, { since, reason: finding.reason }),
      target_label: label,
      value: finding.value,
      recent_failures: recent.toSorted((a, b) => a.at - b.at).slice(-3),
      cause,
      context: contextOf(undefined, { watches: [], changes: this.#scene.changesOn(place.route), since }),
    }
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
