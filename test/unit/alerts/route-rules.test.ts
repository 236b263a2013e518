import { describe, expect, it } from 'vitest'

import type { SilenceRow } from '../../../src/ledger/alert-store.ts'
import { anAttempt, anExchange, aRoute } from '../../support/alert-builders.ts'
import { AlertBench, ruleSettings, settings } from '../../support/alert-bench.ts'
import { scratchFile } from '../../support/alert-tables.ts'
import { HeldClock } from '../../support/held-clock.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const failed = { result: 'failed', blame: 'handler', lastOutcome: 'http_5xx', answerStatus: 502 } as const
const calls = aRoute()

function silence(over: Partial<SilenceRow>, now: number): SilenceRow {
  return {
    id: 's1',
    route: '',
    rule: '',
    target: '',
    severity: '',
    comment: 'planned work',
    created_by: 'ana',
    created_at: now,
    starts_at: now,
    expires_at: now + HOUR,
    ...over,
  }
}

describe('rules over the traffic of a route', () => {
  it('count a callback once, and what waits by the will of its route not as a failure', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    const waits = { result: 'rescued', lastOutcome: undefined } as const
    for (let i = 0; i < 40; i++) bench.end(calls, waits)
    for (let i = 0; i < 40; i++) bench.end(calls, { result: 'dead', fence: 7 })
    const rate = bench.engine.explain('calls').find(({ rule }) => rule === 'failure_rate')
    expect(rate?.reason).toContain('0 of 40 callbacks failed')
    for (let i = 0; i < 10; i++) {
      const at = {
        ...anExchange(calls, 'X'),
        callback: { ...anExchange(calls, 'X').callback, receivedAt: bench.clock.wall() },
      }
      bench.engine.attempted(at, anAttempt('http_5xx', { via: 'rescue', number: 1 }))
    }
    await bench.pass(6000)
    expect(bench.engine.snapshot()).toMatchObject([{ rule: 'failure_rate' }])
  })

  it('fire on the share of failures, collect who was hurt, and are over when it is well again', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    for (let i = 0; i < 30; i++) bench.end(calls)
    for (let i = 0; i < 30; i++) bench.end(calls, failed)
    await bench.pass(6000)
    expect(bench.engine.snapshot()).toMatchObject([{ rule: 'failure_rate', severity: 'critical' }])
    expect(bench.metric.get('firing calls failure_rate')).toBe(true)
    expect(bench.slack.accepted[0]?.text).toContain('30 of 60 callbacks failed in 5 min (50 %, limit 20 %)')
    const ids = [bench.end(calls, failed), bench.end(calls, failed)]
    const [open] = bench.engine.snapshot()
    await bench.pass(7 * MINUTE, 10_000)
    expect(await bench.store.incidentCallbacks(open!.id, '', 10)).toEqual(ids)
    expect(bench.slack.kinds()).toEqual(['firing', 'resolved'])
  })

  it('fire on slow answers and missed deadlines by the numbers of the route', async () => {
    await using file = await scratchFile()
    const routeRules = new Map([['calls', { slow_responses: { enabled: false } }]])
    await using bench = await AlertBench.start({ file: file.path, settings: { ...settings, routeRules } })
    for (let i = 0; i < 30; i++) bench.end(calls, { answerMs: 3100 })
    await bench.pass(6000)
    expect(bench.engine.snapshot().map(({ rule }) => rule)).toEqual(['deadline_misses'])
  })

  it('fire on refused signatures', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    const refusal = { route: 'calls', receivedAt: bench.clock.wall() }
    for (let i = 0; i < 9; i++) bench.engine.refused({ ...refusal, reason: 'signature_bad' })
    for (let i = 0; i < 9; i++) bench.engine.refused({ ...refusal, reason: 'overloaded' })
    await bench.pass(6000)
    expect(bench.slack.kinds()).toEqual([])
    bench.engine.refused({ ...refusal, reason: 'timestamp_stale' })
    await bench.pass(6000)
    expect(bench.slack.accepted[0]?.subject).toContain('10 callbacks were refused for their signature')
  })

  it('are over after a restart although no callback comes any more', async () => {
    await using file = await scratchFile()
    const shared = { file: file.path, clock: new HeldClock(), streaks: new Map() }
    {
      await using bench = await AlertBench.start(shared)
      const refusal = { route: 'calls', receivedAt: bench.clock.wall(), reason: 'signature_bad' as const }
      for (let i = 0; i < 10; i++) bench.engine.refused(refusal)
      await bench.pass(6000)
      expect(bench.slack.kinds()).toEqual(['firing'])
    }
    await using bench = await AlertBench.start(shared)
    await bench.pass(4 * MINUTE, 5000)
    expect(bench.slack.kinds()).toEqual([]) // the window is not full again
    await bench.pass(2 * MINUTE, 5000)
    expect(bench.slack.kinds()).toEqual(['resolved'])
  })

  it('are quiet while a dead target explains them, and are told when it does not any more', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    await bench.run('http_5xx', 'http_5xx', 'http_5xx')
    for (let i = 0; i < 60; i++) bench.end(calls, failed)
    await bench.pass(10_000)
    expect(bench.engine.snapshot().map(({ rule }) => rule)).toEqual(['consecutive_failures', 'failure_rate'])
    const told = () => bench.slack.accepted.map(({ kind, subject }) => `${kind} ${subject.includes(' of ')}`)
    expect(told()).toEqual(['firing false'])
    expect(bench.engine.explain('calls').find(({ rule }) => rule === 'failure_rate')?.held).toContain(
      'explained by incident',
    )
    await bench.run('ok', 'ok')
    await bench.pass(10_000)
    expect(told()).toEqual(['firing false', 'resolved false', 'firing true'])
    await bench.pass(8 * MINUTE, 10_000)
    expect(bench.slack.kinds()).toEqual(['firing', 'resolved', 'firing', 'resolved'])
  })

  it('are over when they are switched off', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    for (let i = 0; i < 60; i++) bench.end(calls, failed)
    await bench.pass(6000)
    bench.engine.configure([calls], {
      ...settings,
      rules: ruleSettings({ failure_rate: { enabled: false } }),
    })
    await bench.pass(10_000)
    expect(bench.slack.kinds()).toEqual(['firing', 'resolved'])
    expect(bench.slack.accepted[1]?.text).toContain('The rule was switched off')
  })
})

describe('a silence', () => {
  it('keeps people from being told, and lets them be told when it ends first', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    await bench.engine.silence(
      silence({ route: 'cal*', expires_at: bench.clock.wall() + MINUTE }, bench.clock.wall()),
    )
    await bench.run('http_5xx', 'http_5xx', 'http_5xx')
    await bench.pass(20_000)
    expect(bench.slack.kinds()).toEqual([])
    await bench.pass(MINUTE)
    expect(bench.slack.kinds()).toEqual(['firing'])
  })

  it('never keeps the end from whoever was told of the beginning, also over a restart', async () => {
    await using file = await scratchFile()
    const shared = { file: file.path, clock: new HeldClock(), streaks: new Map() }
    {
      await using bench = await AlertBench.start(shared)
      await bench.run('http_5xx', 'http_5xx', 'http_5xx')
      await bench.engine.silence(silence({}, bench.clock.wall()))
      expect(bench.slack.kinds()).toEqual(['firing'])
    }
    await using bench = await AlertBench.start(shared)
    await bench.run('ok', 'ok')
    expect(bench.slack.kinds()).toEqual(['resolved'])
  })
})

describe('who is told', () => {
  const everything = { severities: [], routes: [], rules: [], quietHours: [], timezone: 'UTC', afterMs: 0 }

  it('is chosen by severity, route and rule', async () => {
    await using file = await scratchFile()
    const wants = new Map([
      ['slack', { ...everything, rules: ['failure_rate'] }],
      ['email', { ...everything, severities: ['critical'], routes: ['calls'] }],
    ])
    await using bench = await AlertBench.start({ file: file.path, settings: { ...settings, wants } })
    await bench.run('http_5xx', 'http_5xx', 'http_5xx', 'ok', 'ok')
    expect([bench.slack.kinds(), bench.email.kinds()]).toEqual([[], ['firing', 'resolved']])
  })

  it('grows by the second channel when nobody acknowledges in time', async () => {
    await using file = await scratchFile()
    const wants = new Map([['email', { ...everything, afterMs: 15 * MINUTE }]])
    await using bench = await AlertBench.start({ file: file.path, settings: { ...settings, wants } })
    await bench.run('http_5xx', 'http_5xx', 'http_5xx')
    await bench.pass(14 * MINUTE, 10_000)
    expect([bench.slack.kinds(), bench.email.kinds()]).toEqual([['firing'], []])
    await bench.pass(2 * MINUTE, 10_000)
    expect(bench.email.kinds()).toEqual(['firing'])
    await bench.run('ok', 'ok')
    expect(bench.email.kinds()).toEqual(['firing', 'resolved'])
  })

  it('does not grow once somebody acknowledged, and hears no reminders', async () => {
    await using file = await scratchFile()
    const wants = new Map([['email', { ...everything, afterMs: 15 * MINUTE }]])
    await using bench = await AlertBench.start({ file: file.path, settings: { ...settings, wants } })
    await bench.run('http_5xx', 'http_5xx', 'http_5xx')
    const [open] = bench.engine.snapshot()
    const ack = { by: 'ana', comment: 'on it', until: bench.clock.wall() + 12 * HOUR }
    expect(bench.engine.acknowledge(open!.id, ack)).toBe(true)
    expect(bench.engine.acknowledge('other', ack)).toBe(false)
    await bench.pass(10 * HOUR, MINUTE)
    expect([bench.slack.kinds(), bench.email.kinds()]).toEqual([['firing'], []])
    expect(await bench.store.incident(open!.id)).toMatchObject({ acked_by: 'ana' })
  })

  it('hears of warnings only after the quiet hours, and of critical alerts at once', async () => {
    await using file = await scratchFile()
    const clock = new HeldClock()
    const hour = new Date(clock.wall()).getUTCHours()
    const quietHours = [{ days: new Set([0, 1, 2, 3, 4, 5, 6]), from: hour * 60, to: hour * 60 + 60 }]
    const wants = new Map([['slack', { ...everything, quietHours }]])
    await using bench = await AlertBench.start({ file: file.path, clock, settings: { ...settings, wants } })
    const refusal = { route: 'calls', receivedAt: clock.wall(), reason: 'signature_bad' as const }
    const refuse = () => {
      for (let i = 0; i < 20; i++) bench.engine.refused({ ...refusal, receivedAt: clock.wall() })
    }
    refuse()
    await bench.pass(10_000)
    expect([bench.slack.kinds(), bench.email.kinds()]).toEqual([[], ['firing']])
    for (let i = 0; i < 15; i++) {
      refuse()
      await bench.pass(4 * MINUTE, 30_000)
    }
    expect(bench.slack.kinds()).toEqual(['firing'])
  })

  it('is nobody in a maintenance window', async () => {
    await using file = await scratchFile()
    const at = [{ days: new Set([0, 1, 2, 3, 4, 5, 6]), from: 0, to: 1440 }]
    const maintenance = [{ name: 'upgrade', at, timezone: 'UTC', routes: ['calls'] }]
    await using bench = await AlertBench.start({ file: file.path, settings: { ...settings, maintenance } })
    await bench.run('http_5xx', 'http_5xx', 'http_5xx')
    expect(bench.slack.kinds()).toEqual([])
    expect(bench.engine.explain('calls')[0]).toMatchObject({ is_firing: true, held: 'maintenance: upgrade' })
  })
})

describe('what changed just before', () => {
  it('is told: a deploy that was reported', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    const at = bench.clock.wall()
    await bench.engine.mark({ id: 'm1', at, text: 'deploy of billing 1.2.3', created_by: 'ci' })
    await bench.run('ok', 'http_5xx', 'http_5xx', 'http_5xx')
    const text = bench.slack.accepted[0]?.text
    expect(text).toMatch(/Changed just before: +deploy of billing 1\.2\.3/)
    expect(text).toMatch(/Last good answer:/)
  })
})
