import { isDeepStrictEqual } from 'node:util'

import type { Streak } from '../../../../src/callback/streak.ts'
import type { AlertStore, Synchronous } from '../../../../src/ledger/alert-store.ts'
import { aRoute, aTarget } from '../../../support/alert-builders.ts'
import { AlertBench, settings } from '../../../support/alert-bench.ts'
import { HeldClock } from '../../../support/held-clock.ts'
import { RecordingNotifier } from '../../../support/recording-notifier.ts'
import {
  channels,
  EngineReference,
  ESCALATE_MS,
  handlers,
  REPEAT_MS,
  type RefIncident,
  type RouteNumber,
} from './engine-reference.ts'
import { idOf } from './schedule.ts'
import type { Step } from './steps.ts'

const SECOND = 1000
const MINUTE = 60_000

const routes = handlers.map((handler, n) =>
  aRoute(`route-${n}`, aTarget('primary', `https://handler-${handler}.example.com/hook`)),
)
const everything = { severities: [], routes: [], rules: [], quietHours: [], timezone: 'UTC', afterMs: 0 }
const modelSettings = {
  ...settings,
  repeatEveryMs: REPEAT_MS,
  wants: new Map([['pager', { ...everything, afterMs: ESCALATE_MS }]]),
}

/** The real engine and its outbox beside the reference, with one clock. */
export class EnginePair {
  readonly reference = new EngineReference()
  readonly #clock = new HeldClock()
  readonly #notifiers = channels.map((channel) => new RecordingNotifier(channel))
  readonly #streaks = new Map<string, Streak>()
  readonly #silences: string[] = []
  readonly #tables: Synchronous<AlertStore>
  #bench!: AlertBench

  constructor(tables: Synchronous<AlertStore>) {
    this.#tables = tables
  }

  async start(): Promise<void> {
    this.#bench = await AlertBench.start({
      tables: this.#tables,
      clock: this.#clock,
      routes,
      settings: modelSettings,
      notifiers: this.#notifiers,
      streaks: this.#streaks,
    })
  }

  async take(step: Step, number: number): Promise<void> {
    const now = this.#clock.wall()
    switch (step.does) {
      case 'callbacks':
        for (let n = 0; n < step.times; n++) this.#decide(step, number * 3 + n, now)
        break
      case 'wait':
        return this.pass(step.minutes * MINUTE)
      case 'acknowledge': {
        const until = now + step.minutes * MINUTE
        for (const { id } of this.#bench.engine.snapshot()) {
          this.#bench.engine.acknowledge(id, { by: 'ana', comment: 'on it', until })
        }
        this.reference.acknowledge(until)
        break
      }
      case 'silence':
        await this.#silence(step, now)
        break
      case 'endSilences':
        for (const id of this.#silences.splice(0)) await this.#bench.engine.endSilence(id, now)
        this.reference.endSilences()
        break
      case 'restart':
        await this.#bench.engine.close()
        await this.#bench[Symbol.asyncDispose]()
        await this.start()
        break
      case 'slackBreaks':
        this.#bench.slack.breaks()
        break
      case 'slackMends':
        this.#bench.slack.mends()
    }
    await this.pass(SECOND)
  }

  #decide(step: Extract<Step, { does: 'callbacks' }>, arrival: number, now: number): void {
    const outcome = step.succeeds ? 'ok' : 'http_5xx'
    this.#bench.decide(outcome, { id: idOf(arrival), route: routes[step.route]! })
    this.reference.decide(step.route, arrival, { succeeds: step.succeeds, now })
  }

  async #silence({ route, minutes }: Extract<Step, { does: 'silence' }>, now: number): Promise<void> {
    const expiresAt = now + minutes * MINUTE
    const id = `silence-${this.#silences.length}-${now}`
    this.#silences.push(id)
    await this.#bench.engine.silence({
      id,
      route: route === undefined ? '' : `route-${route}`,
      rule: '',
      target: '',
      severity: '',
      comment: 'planned work',
      created_by: 'ana',
      created_at: now,
      starts_at: now,
      expires_at: expiresAt,
    })
    this.reference.silence(route, expiresAt)
  }

  /** One tick after so long, and more until the channels that work have had the time to take what they are to be told. */
  async pass(ms: number): Promise<void> {
    await this.#tick(ms)
    for (let n = 0; n < 4 && this.#isBehind(); n++) await this.#tick(SECOND)
  }

  async #tick(ms: number): Promise<void> {
    await this.#bench.pass(ms, ms)
    this.reference.tick(this.#clock.wall())
  }

  #isBehind(): boolean {
    return this.#notifiers.some(
      ({ accepted }, n) => n > 0 && accepted.length < this.reference.expected(channels[n]!),
    )
  }

  compareOpen(): void {
    const open = this.reference.open()
    agree(this.#bench.engine.snapshot().length, open.length, 'open incidents')
    for (const [n, { id }] of routes.entries()) {
      const isFiring = this.#bench.metric.get(`firing ${id} consecutive_failures`) ?? false
      agree(
        isFiring,
        open.some(({ firing }) => firing.has(n as RouteNumber)),
        id,
      )
    }
  }

  /** Everything that people heard and that the store holds, once Slack has had an hour to come back; how many incidents. */
  async compareEnd(): Promise<number> {
    this.#bench.slack.mends()
    for (let n = 0; n < 10 && (n === 0 || this.#tables.oldestPending() !== undefined); n++)
      await this.pass(6 * MINUTE)
    this.compareOpen()
    const kept = this.#tables.incidents({ limit: 100 }).toReversed()
    agree(
      kept.map(({ closed_at }) => closed_at !== null),
      this.reference.incidents.map(({ isOver }) => isOver),
      'incidents that are over',
    )
    for (const [n, { id }] of kept.entries()) this.#compareOne(id, this.reference.incidents[n]!)
    agree(this.#bench.problems, [], 'problems')
    await this.#bench[Symbol.asyncDispose]()
    return kept.length
  }

  #compareOne(id: string, { hurt, messages, isOver }: RefIncident): void {
    const ids = [...hurt].toSorted((a, b) => a - b).map(idOf)
    agree(this.#tables.incidentCallbacks(id, '', 100), ids, 'hurt callbacks')
    const [slack = [], email, pager] = this.#notifiers.map(({ accepted }) =>
      accepted.filter(({ incidentId }) => incidentId === id).map(({ kind }) => kind),
    )
    agree(email, messages.email, 'told by e-mail')
    agree(pager, messages.pager, 'told by the pager')
    const allowed = allowedOnSlack(messages.slack, isOver)
    if (!allowed.test(slack.join(' '))) agree(slack, messages.slack, 'told on Slack')
  }
}

/** Not by expect, which takes too long for a million comparisons. */
function agree(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return
  throw new Error(`${what}: ${JSON.stringify(actual)}, but the reference says ${JSON.stringify(expected)}`)
}

/** While Slack was down reminders may be missing, and an outage that was over before Slack heard of it is one message. */
function allowedOnSlack(expected: readonly string[], isOver: boolean): RegExp {
  if (expected.length === 0) return /^$/
  const most = expected.filter((kind) => kind === 'reminder').length
  return isOver
    ? new RegExp(`^(firing (reminder ){0,${most}})?resolved$`)
    : new RegExp(`^firing( reminder){0,${most}}$`)
}
