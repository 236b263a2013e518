import type { Role, Route } from '../callback/route.ts'
import type { Clock } from '../clock.ts'
import type { IncidentRow, MarkerRow, Place } from '../ledger/alert-store.ts'
import type { AlertEngineOptions, AlertSettings } from './engine-options.ts'
import { FlapGuard } from './flap.ts'
import type { Change } from './incidents/context.ts'
import type { Rule, Thresholds } from './rule.ts'
import { wordsOf } from './messages/rule-words.ts'
import { type RuleSettings, settingsOf } from './rules/settings.ts'
import type { TargetChange } from './target-changes.ts'

/** What every rule needs to know: routes, settings, what people reported, and how often each alert came lately. */
export class Scene {
  readonly clock: Clock
  readonly #newId: (nowMs: number) => string
  readonly #changesOf: (hostname: string) => readonly TargetChange[]
  readonly #flaps = new Map<string, FlapGuard>()
  /** Of routes with settings of their own. */
  readonly #rules = new Map<string, RuleSettings>()
  /** Does this process decide about incidents, or another one that shares the ledger? */
  readonly isLeading: () => boolean
  /** Are streaks followed by what passes here, or as the ledger folds them? */
  readonly foldsHere: () => boolean
  settings: AlertSettings
  routes: ReadonlyMap<string, Route>
  /** Newest first. */
  markers: readonly MarkerRow[] = []

  constructor(
    settings: AlertSettings,
    routes: readonly Route[],
    parts: Pick<AlertEngineOptions, 'clock' | 'newId' | 'isLeading' | 'foldsHere' | 'changesOf'>,
  ) {
    this.settings = settings
    this.routes = byId(routes)
    this.clock = parts.clock
    this.#newId = parts.newId
    this.isLeading = parts.isLeading ?? (() => true)
    this.foldsHere = parts.foldsHere ?? (() => true)
    this.#changesOf = parts.changesOf ?? (() => [])
  }

  configure(routes: readonly Route[], settings: AlertSettings): void {
    this.routes = byId(routes)
    this.settings = settings
    this.#rules.clear()
    for (const key of this.#flaps.keys()) {
      const [, route = ''] = key.split(' ')
      if (route !== '' && !this.routes.has(route)) this.#flaps.delete(key)
    }
  }

  thresholdsOf(route: string): Thresholds {
    return { ...this.settings.thresholds, ...this.settings.routeThresholds.get(route) }
  }

  rulesOf(route: string): RuleSettings {
    const own = this.settings.routeRules.get(route)
    if (own === undefined) return this.settings.rules
    let rules = this.#rules.get(route)
    if (rules === undefined) {
      rules = settingsOf(this.settings.rules, own)
      this.#rules.set(route, rules)
    }
    return rules
  }

  targetOf(routeId: string, role: Role) {
    return this.routes.get(routeId)?.targets.find((target) => target.role === role)
  }

  /** What may explain trouble on a route: what people reported, and what changed at its servers. Newest first. */
  changesOn(routeId: string, label = ''): readonly Change[] {
    const route = this.routes.get(routeId)
    const hosts = new Set([URL.parse(label)?.hostname ?? '', ...(route?.targets ?? []).map(hostOf)])
    const own = [...hosts].flatMap((host) =>
      this.#changesOf(host).map(({ at, text }) => ({ at, text, by: '' })),
    )
    const reported = this.markers.map(({ at, text, created_by }) => ({ at, text, by: created_by }))
    return [...own, ...reported].toSorted((a, b) => b.at - a.at)
  }

  /** It is not well, or not clearly so. */
  unsettled(rule: Rule, place: Place): void {
    // Most places never fire, and have no guard to tell.
    if (this.#flaps.size > 0) this.#flaps.get(flapKey(rule, place))?.unsettled()
  }

  flapOf(rule: Rule, place: Place): FlapGuard {
    const key = flapKey(rule, place)
    let guard = this.#flaps.get(key)
    if (guard === undefined) {
      guard = new FlapGuard()
      this.#flaps.set(key, guard)
    }
    return guard
  }

  /** A new incident at a place, to be completed by the rule. */
  incident(
    rule: Rule,
    place: Place,
    found: { readonly since: number; readonly reason: string },
  ): IncidentRow {
    const now = this.clock.wall()
    const isFlapping = this.flapOf(rule, place).isFlapping(this.settings.flapping)
    return {
      id: this.#newId(now),
      rule,
      route: place.route,
      target: place.target,
      target_label: '',
      severity: wordsOf(rule).severity,
      reason: isFlapping ? `${found.reason}; it comes and goes` : found.reason,
      since: found.since,
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
      places: [{ route: place.route, target: place.target }],
      context: [],
    }
  }
}

function flapKey(rule: Rule, { route, target }: Place): string {
  return `${rule} ${route} ${target}`
}

function hostOf({ hostname }: { readonly hostname: string }): string {
  return hostname
}

function byId(routes: readonly Route[]): ReadonlyMap<string, Route> {
  return new Map(routes.map((route) => [route.id, route]))
}
