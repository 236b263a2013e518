import { AlertEngine } from '../../src/alerts/engine.ts'
import { digestMessage } from '../../src/alerts/messages/digest-message.ts'
import type { AlertSettings } from '../../src/alerts/engine-options.ts'
import type { RuleSettings } from '../../src/alerts/rules/settings.ts'
import type { Standing } from '../../src/alerts/standing-watch.ts'
import type { TargetChange } from '../../src/alerts/target-changes.ts'
import { voterOf } from '../../src/alerts/watch.ts'
import { createIdMaker } from '../../src/callback/id.ts'
import type { Attempt, Delivery } from '../../src/callback/attempt.ts'
import type { Outcome } from '../../src/callback/outcome.ts'
import type { Role, Route } from '../../src/callback/route.ts'
import { foldStreak, noStreak, type Streak } from '../../src/callback/streak.ts'
import { voteOf } from '../../src/callback/vote.ts'
import { generalRules } from '../../src/config/schema/alert-rules.ts'
import type { AlertStore, Synchronous } from '../../src/ledger/alert-store.ts'
import type { Notifier } from '../../src/notify/notifier.ts'
import type { DigestSettings } from '../../src/notify/digest-plan.ts'
import { Outbox } from '../../src/notify/outbox.ts'
import { aDelivery, anAttempt, anExchange, aRoute } from './alert-builders.ts'
import { openStore, openTables } from './alert-tables.ts'
import { HeldClock } from './held-clock.ts'
import { type OnStep, RecordingNotifier } from './recording-notifier.ts'

/** Thrown in place of a step after which the process is dead; nothing it would have done later happens. */
export class Killed extends Error {}

export const settings: AlertSettings = {
  thresholds: { consecutiveFailures: 3, resolveAfter: 2 },
  routeThresholds: new Map(),
  repeatEveryMs: 4 * 3_600_000,
  linkUrl: undefined,
  rules: ruleSettings(),
  routeRules: new Map(),
  flapping: { fires: 1000, withinMs: 1_800_000, holdMs: 600_000 },
  wants: new Map(),
  maintenance: [],
}

/** The defaults of the configuration, with changes. */
export function ruleSettings(over: object = {}): RuleSettings {
  return generalRules.parse(over)
}

export interface BenchOptions {
  /** Where the store is; by default in memory. */
  readonly file?: string
  /** A store that is open already, and stays so. */
  readonly tables?: Synchronous<AlertStore>
  readonly clock?: HeldClock
  readonly routes?: readonly Route[]
  readonly settings?: AlertSettings
  readonly notifiers?: readonly Notifier[]
  /** Channels that are told; by default every one. */
  readonly told?: readonly string[]
  readonly fallback?: { readonly afterFailures: number; readonly channel: string }
  readonly onStep?: OnStep
  readonly standing?: () => Standing
  readonly changesOf?: (hostname: string) => readonly TargetChange[]
  readonly digest?: DigestSettings
  /** Streaks that outlive the bench, as the ledger's do. */
  readonly streaks?: Map<string, Streak>
}

/** Engine, outbox and a real store, with a clock that is moved by hand. One bench is one life of the process. */
export class AlertBench implements AsyncDisposable {
  readonly clock: HeldClock
  readonly store: AlertStore & Disposable
  readonly engine: AlertEngine
  readonly outbox: Outbox
  readonly notifiers: readonly Notifier[]
  readonly streaks: Map<string, Streak>
  readonly problems: unknown[] = []
  readonly metric = new Map<string, number | boolean>()
  readonly results: string[] = []
  /** Callbacks that the ledger was asked for, read by read. */
  readonly reads: (readonly string[])[] = []
  readonly #route: Route
  #isDead = false
  static readonly #newId = createIdMaker(() => 0.5)

  private constructor(options: BenchOptions) {
    this.clock = options.clock ?? new HeldClock()
    this.notifiers = options.notifiers ?? [new RecordingNotifier('slack'), new RecordingNotifier('email')]
    this.streaks = options.streaks ?? new Map<string, Streak>()
    const routes = options.routes ?? [aRoute()]
    this.#route = routes[0] ?? aRoute()
    const onStep: OnStep = (step) => {
      // A dead process does nothing any more: whatever still runs of it stops at its next step.
      if (this.#isDead) throw new Killed()
      try {
        options.onStep?.(step)
      } catch (error) {
        this.#isDead = error instanceof Killed
        throw error
      }
    }
    for (const notifier of this.notifiers) {
      if (!(notifier instanceof RecordingNotifier)) continue
      notifier.onStep = onStep
      notifier.beforeSend = () => {
        if (this.#isDead) throw new Killed()
      }
    }
    const { tables } = options
    this.store = openStore(
      tables === undefined ? openTables(options.file) : { ...tables, [Symbol.dispose]: () => undefined },
      onStep,
    )
    const channels = options.told ?? this.notifiers.map(({ channel }) => channel)
    this.engine = new AlertEngine({
      clock: this.clock,
      store: this.store,
      settings: options.settings ?? settings,
      routes,
      channels: () => channels,
      newId: AlertBench.#newId,
      streaks: () => Promise.resolve(this.#streakRows()),
      callbacksOf: (ids) => {
        this.reads.push(ids)
        return Promise.resolve([])
      },
      ...(options.standing !== undefined && { standing: options.standing }),
      ...(options.changesOf !== undefined && { changesOf: options.changesOf }),
      onStreak: (route, target, failures) => this.metric.set(`streak ${route} ${target}`, failures),
      onFiring: (route, rule, isFiring) => this.metric.set(`firing ${route} ${rule}`, isFiring),
      onNotifications: () => this.outbox.tick(),
      onUnstored: (message, channels) => this.outbox.tellPastStore(message, channels),
      onProblem: (error) => this.problems.push(error),
    })
    this.outbox = new Outbox({
      clock: this.clock,
      random: () => 0,
      store: this.store,
      notifiers: this.notifiers,
      fallback: options.fallback,
      digest: options.digest,
      digestOf: digestMessage,
      onResult: ({ channel, kind, result }) => this.results.push(`${channel} ${kind} ${result}`),
      onProblem: (error) => this.problems.push(error),
    })
  }

  static async start(options: BenchOptions): Promise<AlertBench> {
    const bench = new AlertBench(options)
    try {
      await bench.outbox.start()
      await bench.engine.start()
      await bench.settle()
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
    return bench
  }

  get isDead(): boolean {
    return this.#isDead
  }

  get slack(): RecordingNotifier {
    return this.notifiers[0] as RecordingNotifier
  }

  get email(): RecordingNotifier {
    return this.notifiers[1] as RecordingNotifier
  }

  /** One callback is decided; the ledger has it before the engine hears of it. */
  decide(
    outcome: Outcome,
    over: {
      id?: string
      route?: Route
      target?: Role
      via?: 'live' | 'rescue'
      number?: number
      attempt?: Partial<Attempt>
    } = {},
  ): string {
    const now = this.clock.wall()
    const route = over.route ?? this.#route
    const id = over.id ?? AlertBench.#newId(now)
    const target = route.targets.find(({ role }) => role === (over.target ?? 'primary')) ?? route.targets[0]
    const exchange = anExchange(route, id)
    const usual = anAttempt(outcome, { startedAt: now, via: over.via, number: over.number, target })
    const attempt = { ...usual, ...over.attempt }
    const vote = voteOf(voterOf(exchange, attempt))
    if (vote !== undefined) {
      const key = `${route.id} ${target.role}`
      const streak = this.streaks.get(key) ?? noStreak
      this.streaks.set(key, foldStreak(streak, vote.callbackId, vote.succeeded))
    }
    this.engine.attempted(exchange, attempt)
    return id
  }

  /** A callback reached its end, by default answered well and in time. */
  end(route: Route, delivery: Partial<Delivery> = {}): string {
    const now = this.clock.wall()
    const id = AlertBench.#newId(now)
    const exchange = anExchange(route, id)
    this.engine.settled(
      { ...exchange, callback: { ...exchange.callback, receivedAt: now } },
      { ...aDelivery(), ...delivery },
    )
    return id
  }

  /** Decides several in turn, with everything that follows done in between. */
  async run(...outcomes: Outcome[]): Promise<void> {
    for (const outcome of outcomes) {
      if (this.#isDead) return
      this.decide(outcome)
      await this.pass(1000)
    }
  }

  /** Lets time go by in steps of at most a second, with a tick at each. */
  async pass(ms: number, stepMs = 1000): Promise<void> {
    for (let left = ms; left > 0 && !this.#isDead; left -= stepMs) {
      this.clock.advance(Math.min(stepMs, left))
      this.engine.tick(this.clock.wall())
      this.outbox.tick()
      await this.settle()
    }
  }

  async settle(): Promise<void> {
    await this.engine.idle()
    await this.outbox.idle()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.settle()
    this.#isDead = true
    this.store[Symbol.dispose]()
  }

  #streakRows() {
    return [...this.streaks].map(([key, streak]) => {
      const [route = '', target = ''] = key.split(' ')
      return { route, target, streak }
    })
  }
}
