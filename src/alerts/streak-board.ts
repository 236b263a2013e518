import type { Attempt } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import { timeOfId } from '../callback/id.ts'
import { DRILL_ROUTE, type Route } from '../callback/route.ts'
import type { Streak, StreakRow } from '../callback/streak.ts'
import { roleOfKey, streakKey } from '../callback/streak-key.ts'
import { type Vote, voteOf } from '../callback/vote.ts'
import type { IncidentRow, IncidentSeverity, Place } from '../ledger/alert-store.ts'
import { causeOf } from './incidents/cause.ts'
import { CalmTargets } from './calm.ts'
import { contextOf } from './incidents/context.ts'
import type { AlertEngineOptions } from './engine-options.ts'
import type { IncidentBook } from './incidents/incident-book.ts'
import { failuresAt, type PastCallback } from './incidents/recall.ts'
import { type Finding, judgeStreak, type Rule, signalOf } from './rule.ts'
import type { Scene } from './scene.ts'
import { failureOf, newWatch, shownIds, voterOf, type Watch, withFailure, withSuccess } from './watch.ts'
import { counted } from './messages/words.ts'

export const STREAK: Rule = 'consecutive_failures'

type StreakOptions = Pick<AlertEngineOptions, 'callbacksOf' | 'onStreak'>

/** Follows the streak of every target and fires and resolves by it, at once. */
export class StreakBoard {
  readonly #scene: Scene
  readonly #book: IncidentBook
  readonly #options: StreakOptions
  readonly #watches = new Map<string, Watch>()
  readonly #calm = new CalmTargets()
  /** Streaks that are well and whose alert flaps: looked at again with every tick. */
  readonly #settling = new Set<Watch>()

  constructor(scene: Scene, book: IncidentBook, options: StreakOptions) {
    this.#scene = scene
    this.#book = book
    this.#options = options
  }

  watches(): Iterable<Watch> {
    this.#fold()
    return this.#watches.values()
  }

  /** Brings every watch up to what was only counted. */
  #fold(): void {
    for (const [key, watch] of this.#watches) this.#watches.set(key, this.#calm.folded(key, watch))
  }

  /** Streaks as the ledger folded them. */
  async recall(streaks: readonly StreakRow[]): Promise<void> {
    const ids = streaks.flatMap(({ streak }) => shownIds(streak))
    // All in one read: after an outage of everything there are thousands, and nothing is let in before.
    const callbacks = ids.length === 0 ? [] : await this.#options.callbacksOf(ids)
    const past = new Map(callbacks.map((each) => [each.id, each]))
    for (const each of streaks) this.#recallOne(each, past)
  }

  #recallOne({ route, target, streak }: StreakRow, past: ReadonlyMap<string, PastCallback>): void {
    const role = roleOfKey(target)
    const label = this.#scene.targetOf(route, role)?.label ?? ''
    const shown = failuresAt(role, shownIds(streak), past)
    const watch = { ...newWatch(route, target, label), streak, first: shown[0] ?? null }
    this.#watches.set(keyOf(watch), { ...watch, recent: shown.slice(-3) })
    if (streak.failures > 0) this.#options.onStreak(route, role, streak.failures)
  }

  /** Streaks as they stand now in a ledger that replicas share: what changed is followed. */
  async adopt(streaks: readonly StreakRow[]): Promise<void> {
    const changed = streaks.flatMap((row) => {
      const before = this.#watches.get(keyOf(row))
      return before !== undefined && isSame(before.streak, row.streak) ? [] : [{ row, before }]
    })
    await this.recall(changed.map(({ row }) => row))
    for (const { row, before } of changed) this.#follow(row, before)
  }

  #follow({ route, target, streak }: StreakRow, before: Watch | undefined): void {
    const watch = this.#watches.get(keyOf({ route, target }))
    if (watch === undefined) return
    if (streak.failures === 0 && before !== undefined && before.streak.failures > 0) {
      this.#options.onStreak(route, roleOfKey(target), 0)
    }
    const known = new Set(before?.streak.failedIds)
    for (const id of streak.failedIds) if (!known.has(id)) this.#addFailure(watch, id)
    this.#reviewOf(watch)
  }

  /** Ids of the failures of a streak. */
  failedIds(place: Place): readonly string[] {
    return this.#watches.get(keyOf(place))?.streak.failedIds ?? []
  }

  forget(place: Place): void {
    this.#calm.end(keyOf(place))
    this.#watches.delete(keyOf(place))
  }

  /** Forgets the streaks of routes that are gone. */
  prune(): void {
    for (const watch of this.#watches.values()) {
      if (!this.#scene.routes.has(watch.route)) this.forget(watch)
    }
  }

  attempted(exchange: Exchange, attempt: Attempt): void {
    const { route, callback } = exchange
    if (attempt.outcome === 'ok' && !exchange.facts.isProbe) {
      const calm = this.#calm.of(attempt.target, route.id)
      if (calm !== undefined) {
        calm.succeeded(callback.id, attempt)
        return
      }
    }
    const place = { route: route.id, target: streakKey(route, attempt.target) }
    // A skipped target says nothing new of itself, but the callback is hurt by its outage all the same.
    if (attempt.outcome === 'circuit_open') this.#book.hurt(STREAK, place, callback.id)
    if (!this.#scene.foldsHere() && route.id !== DRILL_ROUTE) return
    const vote = voteOf(voterOf(exchange, attempt))
    if (vote === undefined) return
    const key = keyOf(place)
    const before = this.#calm.folded(
      key,
      this.#watches.get(key) ?? newWatch(place.route, place.target, attempt.target.label),
    )
    const watch = this.#voted(before, vote, exchange, attempt)
    this.#watches.set(key, watch)
    if (watch.streak.failures !== before.streak.failures) {
      this.#options.onStreak(route.id, attempt.target.role, watch.streak.failures)
    }
    this.#afterVote(watch, vote, { key, exchange, attempt })
  }

  #voted(before: Watch, vote: Vote, exchange: Exchange, attempt: Attempt): Watch {
    if (vote.succeeded) return withSuccess(before, vote.callbackId, attempt)
    this.#calm.end(keyOf(before))
    const { label } = attempt.target
    return withFailure({ ...before, label }, failureOf(vote.callbackId, exchange, attempt))
  }

  #afterVote(
    watch: Watch,
    vote: Vote,
    {
      key,
      exchange,
      attempt,
    }: { readonly key: string; readonly exchange: Exchange; readonly attempt: Attempt },
  ): void {
    if (!vote.succeeded) this.#addFailure(watch, vote.callbackId)
    this.#review(watch, exchange.route)
    const isWell = watch.streak.failures === 0 && !this.#book.isFiring(STREAK, watch)
    if (vote.succeeded && isWell) this.#calm.begin(key, attempt.target, watch)
  }

  reviewAll(): void {
    for (const watch of this.watches()) this.#reviewOf(watch)
  }

  /** Looks again at what could not be over yet because it flaps. */
  tick(): void {
    const settling = [...this.#settling]
    this.#settling.clear()
    for (const watch of settling) this.#reviewOf(this.#watches.get(keyOf(watch)) ?? watch)
  }

  /** What the rule finds at every target of a route. */
  findings(routeId: string): readonly { readonly place: Place; readonly finding: Finding }[] {
    return [...this.watches()]
      .filter(({ route }) => route === routeId)
      .map((watch) => ({ place: watch, finding: this.#findingOf(watch) }))
  }

  /** Is the rule watched on a route? A drill asks whether people are told, so for it always. */
  isOn(routeId: string): boolean {
    return routeId === DRILL_ROUTE || this.#scene.rulesOf(routeId).consecutive_failures.enabled
  }

  #reviewOf(watch: Watch): void {
    const route = this.#scene.routes.get(watch.route)
    if (route !== undefined) this.#review(watch, route)
  }

  #review(watch: Watch, route: Route): void {
    if (!this.#scene.isLeading()) return
    const { flapping } = this.#scene.settings
    const now = this.#scene.clock.wall()
    if (!this.isOn(route.id)) return this.#book.resolve(STREAK, watch, now, 'rule_off')
    const verdict = judgeStreak(watch.streak, this.#scene.thresholdsOf(route.id))
    switch (signalOf(verdict, this.#book.isFiring(STREAK, watch))) {
      case 'fire':
        this.#scene.flapOf(STREAK, watch).fired(now, flapping)
        return this.#book.fire(this.#incidentOf(watch, route), watch.streak.failedIds)
      case 'resolve':
        if (this.#scene.flapOf(STREAK, watch).mayResolve(now, flapping))
          return this.#book.resolve(STREAK, watch, now, 'recovered')
        this.#settling.add(watch)
        return
      case 'stay':
        if (verdict !== 'good') this.#scene.unsettled(STREAK, watch)
    }
  }

  #incidentOf(watch: Watch, route: Route): IncidentRow {
    const since = watch.first?.at ?? timeOfId(watch.streak.firstFailureId)
    const target = route.targets.find(({ role }) => role === roleOfKey(watch.target)) ?? route.targets[0]
    const changes = this.#scene.changesOn(route.id, watch.label)
    const severity = this.#severityOf(watch, route)
    const isHelped = severity === 'warning'
    return {
      ...this.#scene.incident(STREAK, watch, { since, reason: reasonOf(watch) }),
      target_label: watch.label,
      severity,
      value: watch.streak.failures,
      callbacks: watch.streak.failures,
      first_failure: watch.first,
      recent_failures: watch.recent,
      cause: causeOf(watch.recent.at(-1)?.outcome, { ...target, label: watch.label }),
      context: contextOf(watch, { watches: this.watches(), changes, since, route, isHelped }),
    }
  }

  #addFailure(watch: Watch, callbackId: string): void {
    if (!this.#book.isFiring(STREAK, watch)) return
    this.#book.hurt(STREAK, watch, callbackId)
    const route = this.#scene.routes.get(watch.route)
    this.#book.update(STREAK, watch, (incident) => ({
      value: Math.max(incident.value, watch.streak.failures),
      reason: watch.streak.failures > incident.value ? reasonOf(watch) : incident.reason,
      recent_failures: watch.recent,
      ...(route !== undefined && { severity: this.#severityOf(watch, route) }),
    }))
  }

  /** Nobody is to be woken by a drill; otherwise a warning only while another target of the route takes what this one does not. */
  #severityOf(watch: Watch, route: Route): IncidentSeverity {
    if (route.id === DRILL_ROUTE) return 'info'
    const isHelped = route.targets.some((each) => {
      const target = streakKey(route, each)
      if (target === watch.target) return false
      const key = keyOf({ route: route.id, target })
      const known = this.#watches.get(key)
      const other = known && this.#calm.folded(key, known)
      return other !== undefined && other.streak.failures === 0 && other.streak.successes > 0
    })
    return isHelped ? 'warning' : 'critical'
  }

  #findingOf(watch: Watch): Finding {
    const thresholds = this.#scene.thresholdsOf(watch.route)
    const { failures, successes } = watch.streak
    return {
      verdict: judgeStreak(watch.streak, thresholds),
      value: failures,
      reason:
        failures > 0
          ? `${reasonOf(watch)} (fires at ${thresholds.consecutiveFailures})`
          : `${successes} successes since the last failure (over at ${thresholds.resolveAfter})`,
    }
  }
}

function reasonOf({ streak }: Watch): string {
  return `${counted(streak.failures, 'failure')} in a row`
}

function keyOf({ route, target }: Place): string {
  return `${route} ${target}`
}

/** Whatever is folded into a streak changes one of these. */
function isSame(a: Streak, b: Streak): boolean {
  return (
    a.failures === b.failures &&
    a.successes === b.successes &&
    a.lastSuccessId === b.lastSuccessId &&
    a.failedIds.at(-1) === b.failedIds.at(-1)
  )
}
