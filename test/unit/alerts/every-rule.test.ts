import { describe, expect, it } from 'vitest'

import type { RuleSettings } from '../../../src/alerts/rules/settings.ts'
import type { Standing } from '../../../src/alerts/standing-watch.ts'
import { createIdMaker } from '../../../src/callback/id.ts'
import { routeRules } from '../../../src/config/schema/alert-rules.ts'
import { aDelivery, anAttempt, anExchange, aRoute, aTarget } from '../../support/alert-builders.ts'
import { AlertBench, ruleSettings, settings } from '../../support/alert-bench.ts'
import { HeldClock } from '../../support/held-clock.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const route = aRoute('calls', aTarget('primary'), aTarget('fallback'))
const failed = { result: 'failed', blame: 'handler', lastOutcome: 'http_5xx', answerStatus: 502 } as const

/** The trouble that a rule is there for, at about its default limit; `standing` is what stands at that time. */
interface Trouble {
  readonly make: (bench: AlertBench) => void | Promise<void>
  readonly standing?: (now: number) => Partial<Standing>
  /** What a route, or everybody, changes so that the same trouble is none yet. */
  readonly tuned?: object
  /** No route is asked: it is about the whole process. */
  readonly isOfProcess?: boolean
}

const times = (count: number, work: (n: number) => unknown): void => {
  for (let n = 0; n < count; n++) work(n)
}

const troubles: Readonly<Record<keyof RuleSettings, Trouble>> = {
  consecutive_failures: { make: (bench) => times(3, () => bench.decide('http_5xx')) },
  failure_rate: {
    make: (bench) => times(30, (n) => bench.end(route, n % 3 === 0 ? failed : {})),
    tuned: { above: 0.5 },
  },
  slow_responses: {
    make: (bench) => times(30, (n) => bench.end(route, n % 3 === 0 ? { answerMs: 2900 } : {})),
    tuned: { above: 0.5 },
  },
  deadline_misses: {
    make: (bench) => times(5, () => bench.end(route, { answerMs: 3100 })),
    tuned: { at_least: 6 },
  },
  no_callbacks: {
    async make(bench) {
      bench.end(route)
      await bench.pass(31 * MINUTE, MINUTE)
    },
    tuned: { after: '1h' },
  },
  stuck_calls: {
    async make(bench) {
      const call = (event: string, callId: string): void => {
        const exchange = anExchange(route, `01K0000000000000000000000${callId}`, { event, callId })
        const callback = { ...exchange.callback, receivedAt: bench.clock.wall() }
        bench.engine.settled({ ...exchange, callback }, aDelivery())
      }
      for (const id of ['1', '2', '3', '4']) call('call.answered', id)
      call('call.completed', '4') // ends come at all
      await bench.pass(4 * HOUR + 2 * MINUTE, MINUTE)
    },
    tuned: { max_duration: '6h' },
  },
  signature_failures: {
    make: (bench) =>
      times(10, () =>
        bench.engine.refused({ reason: 'signature_bad', route: 'calls', receivedAt: bench.clock.wall() }),
      ),
    tuned: { at_least: 11 },
  },
  fallback_in_use: {
    make: (bench) =>
      times(20, (n) => {
        const exchange = anExchange(route, `01K00000000000000000000${String(n).padStart(3, '0')}`)
        const at = { ...exchange, callback: { ...exchange.callback, receivedAt: bench.clock.wall() } }
        const target = route.targets[n % 4 === 0 ? 1 : 0]
        bench.engine.attempted(
          at,
          anAttempt('ok', { ...(target && { target }), number: n % 4 === 0 ? 2 : 1 }),
        )
        bench.engine.settled(at, aDelivery())
      }),
    tuned: { above: 0.5 },
  },
  backlog_age: {
    make: () => undefined,
    standing: (now) => ({ rescue: [{ route: 'calls', oldestAt: now - 16 * MINUTE, dead: 0 }] }),
    tuned: { above: '1h' },
  },
  dead_letters: {
    make: () => undefined,
    standing: () => ({ rescue: [{ route: 'calls', oldestAt: undefined, dead: 1 }] }),
    tuned: { at_least: 2 },
  },
  target_certificate_expiry: {
    make: () => undefined,
    standing: (now) => ({
      certificates: [
        {
          route: 'calls',
          target: 'primary',
          origin: 'https://primary.example.com',
          expiresAt: now + 13 * 24 * HOUR,
        },
      ],
    }),
    tuned: { within: '7d' },
  },
  ledger_unhealthy: {
    make: () => undefined,
    standing: (now) => ({ ledger: { since: now - 10_000, until: undefined, problem: 'disk full' } }),
    tuned: { after: '1h' },
    isOfProcess: true,
  },
  reconciliation: {
    make: () => undefined,
    standing: () => ({
      reconciliation: [{ account: 'MA_TEST123', misfits: { no_callback: 3 }, isReadable: true }],
    }),
    tuned: { at_least: 4 },
    isOfProcess: true,
  },
}

type Changes = Readonly<Record<string, object>>

/** Silence counts at any hour: what is usual would have to be learnt first. */
const always = { active_hours: ['00:00-12:00', '12:00-00:00'] }
const well: Standing = {
  rescue: [],
  certificates: [],
  ledger: undefined,
  reconciliation: [],
}

/** Does the rule fire under its trouble, with these changes of the configuration for everything and for the route? */
async function fires(
  rule: keyof RuleSettings,
  { general = {}, own = {} }: { readonly general?: Changes; readonly own?: Changes },
): Promise<boolean> {
  const trouble = troubles[rule]
  const clock = new HeldClock()
  const standing = { ...well, ...trouble.standing?.(clock.wall()) }
  await using bench = await AlertBench.start({
    clock,
    routes: [route],
    settings: {
      ...settings,
      rules: ruleSettings({ ...general, no_callbacks: { ...always, ...general['no_callbacks'] } }),
      routeRules: new Map([['calls', routeRules.parse(own)]]),
    },
    standing: () => standing,
  })
  await trouble.make(bench)
  await bench.pass(6000)
  const found = await bench.store.incidents({ limit: 10 })
  const isOpen = found.some((each) => each.rule === rule)
  expect(bench.slack.accepted.some((message) => message.incident?.rule === rule)).toBe(isOpen)
  return isOpen
}

const rules = Object.keys(troubles) as (keyof RuleSettings)[]

/** What keeps a rule from firing: the switch, and other limits where it has them. */
function calming(rule: keyof RuleSettings): readonly Changes[] {
  const { tuned } = troubles[rule]
  return [{ [rule]: { enabled: false } }, ...(tuned === undefined ? [] : [{ [rule]: tuned }])]
}

describe.each(rules)('%s', (rule) => {
  it('fires with the defaults, and people are told', async () => {
    expect(await fires(rule, {})).toBe(true)
  })

  it('can be switched off and tuned for everything', async () => {
    for (const general of calming(rule)) expect(await fires(rule, { general })).toBe(false)
  })
})

describe.each(rules.filter((rule) => troubles[rule].isOfProcess !== true))('%s of one route', (rule) => {
  it('can be switched on and off, and tuned', async () => {
    for (const own of calming(rule)) expect(await fires(rule, { own })).toBe(false)
    const [on, off] = [{ [rule]: { enabled: true } }, { [rule]: { enabled: false } }]
    expect(await fires(rule, { general: off, own: on })).toBe(true)
  })
})

describe('an alert of failures in a row', () => {
  it('is over when its rule is switched off, and says so', async () => {
    await using bench = await AlertBench.start({})
    await bench.run('http_5xx', 'http_5xx', 'http_5xx')
    const off = ruleSettings({ consecutive_failures: { enabled: false } })
    bench.engine.configure([aRoute()], { ...settings, rules: off })
    await bench.pass(2000)
    expect(bench.slack.kinds()).toEqual(['firing', 'resolved'])
    expect(bench.slack.accepted[1]?.text).toContain('The rule was switched off')
    expect(bench.engine.explain('calls')[0]).toMatchObject({ is_on: false, is_firing: false })
  })
})

describe('reconciliation', () => {
  it('is explained as off where no call records are read: nothing says that they fit', async () => {
    let standing = well
    await using bench = await AlertBench.start({ standing: () => standing })
    const explained = () => bench.engine.explain('calls').find(({ rule }) => rule === 'reconciliation')
    expect(explained()).toMatchObject({
      is_on: false,
      reason: 'no call records are read (no reconciliation in the configuration)',
    })
    standing = { ...well, reconciliation: [{ account: 'MA_TEST123', misfits: {}, isReadable: true }] }
    expect(explained()).toMatchObject({
      is_on: true,
      verdict: 'good',
      reason: 'call records and callbacks fit',
    })
  })
})

describe('consecutive_failures', () => {
  it('counts only failures that came within a time, when one is set', async () => {
    const within = { ...settings, thresholds: { ...settings.thresholds, withinMs: 10 * MINUTE } }
    await using bench = await AlertBench.start({ settings: within })
    const newId = createIdMaker(() => 0.5) // the bench's own never goes back in time, which each test does
    const fail = () => bench.decide('http_5xx', { id: newId(bench.clock.wall()) })
    for (let n = 0; n < 5; n++) {
      fail()
      await bench.pass(6 * MINUTE, MINUTE)
    }
    expect(bench.slack.kinds()).toEqual([])
    fail()
    fail()
    await bench.pass(1000)
    expect(bench.slack.kinds()).toEqual(['firing'])
  })

  it('counts a callback once, however often the provider repeats it', async () => {
    await using bench = await AlertBench.start({})
    const first = bench.decide('http_5xx')
    const exchange = (id: string) => ({ ...anExchange(aRoute(), id), duplicateOf: first })
    for (const n of [1, 2, 3]) {
      bench.engine.attempted(exchange(`01K9999999999999999999999${n}`), anAttempt('http_5xx'))
      await bench.pass(1000)
    }
    expect(bench.metric.get('streak calls primary')).toBe(1)
    expect(bench.slack.kinds()).toEqual([])
  })
})
