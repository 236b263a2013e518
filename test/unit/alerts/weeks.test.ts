import { expect, it } from 'vitest'

import { learnUsual, recallArrivals } from '../../../src/alerts/usual.ts'
import { AlertBench, ruleSettings, settings } from '../../support/alert-bench.ts'
import { aRoute } from '../../support/alert-builders.ts'
import { openTables } from '../../support/alert-tables.ts'
import { HOLIDAY, OUTAGE, rateAt, START, WEEKS } from '../../support/call-centre.ts'
import { HeldClock } from '../../support/held-clock.ts'
import { seededRandom } from '../../support/random.ts'
import { RecordingNotifier } from '../../support/recording-notifier.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const LEARN_EVERY_MS = 3 * HOUR
/** A night, in which nothing comes for long after the start. */
const RESTART = START + WEEKS / 2 + 2 * HOUR
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

/** Callbacks by hour, as the ledger keeps them for what is usual. */
class Hours {
  readonly #counts = new Map<number, number>()
  #lastAt = 0

  add(at: number): void {
    const hour = at - (at % HOUR)
    this.#counts.set(hour, (this.#counts.get(hour) ?? 0) + 1)
    this.#lastAt = at
  }

  history(since: number) {
    const rows = [...this.#counts].filter(([at]) => at >= since)
    return Promise.resolve(rows.map(([at, callbacks]) => ({ route: 'calls', at, callbacks, failed: 0 })))
  }

  routes() {
    const nothing = { callbacks: 0, failed: 0, last_success_at: null, p50_ms: 0, p95_ms: 0, p99_ms: 0 }
    return Promise.resolve([{ route: 'calls', last_received_at: this.#lastAt, ...nothing }])
  }
}

it(
  `seven weeks with nights, Sundays, a holiday, a restart and one outage: people are told of the outage only, in time, and of its end (SEED=${seed})`,
  { timeout: 60_000 },
  async () => {
    const random = seededRandom(seed)
    const clock = new HeldClock(START)
    const hours = new Hours()
    const route = aRoute()
    const holiday = new Date(HOLIDAY).toISOString().slice(0, 10)
    const rules = ruleSettings({ no_callbacks: { quiet_days: [holiday] } })
    using tables = openTables()
    const notifiers = [new RecordingNotifier('slack'), new RecordingNotifier('email')]
    const shared = { tables, clock, routes: [route], settings: { ...settings, rules }, notifiers }
    let bench = await AlertBench.start(shared)
    const told: { at: number; text: string }[] = []
    while (clock.wall() < START + WEEKS) {
      const now = clock.wall()
      if (now === RESTART) {
        await bench.engine.close()
        await bench[Symbol.asyncDispose]()
        bench = await AlertBench.start(shared)
        await recallArrivals(bench.engine, hours, now)
      }
      if (now % LEARN_EVERY_MS === 0 || now === RESTART) await learnUsual(bench.engine, hours, now)
      const isDue = random() < 1 - Math.exp(-rateAt(now) / 60)
      // More than one in a minute says nothing more.
      if (isDue) {
        bench.decide('ok')
        bench.end(route)
        hours.add(now)
      }
      await bench.pass(MINUTE, MINUTE)
      for (const { kind, incident } of bench.slack.accepted.slice(told.length)) {
        told.push({ at: clock.wall(), text: `${kind} ${incident?.rule}` })
      }
    }
    await bench[Symbol.asyncDispose]()
    expect(told.map(({ text }) => text)).toEqual(['firing no_callbacks', 'resolved no_callbacks'])
    const [fired, over] = told
    const limit = OUTAGE.from + rules.no_callbacks.after
    expect(fired!.at).toBeGreaterThan(limit - 5 * MINUTE) // the last callback came up to some minutes before the outage
    expect(fired!.at).toBeLessThanOrEqual(limit + 10 * MINUTE)
    expect(over!.at).toBeGreaterThan(OUTAGE.to)
    expect(over!.at).toBeLessThan(OUTAGE.to + 15 * MINUTE)
    expect(bench.email.kinds()).toEqual(['firing', 'resolved'])
    expect(tables.notifications({ limit: 100 })).toHaveLength(4)
  },
)
