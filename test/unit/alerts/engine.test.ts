import { describe, expect, it } from 'vitest'

import type { Route } from '../../../src/callback/route.ts'
import { foldStreak, noStreak, type Streak } from '../../../src/callback/streak.ts'
import { aRoute, aRouteTo, aTarget } from '../../support/alert-builders.ts'
import { AlertBench, settings } from '../../support/alert-bench.ts'
import { scratchFile } from '../../support/alert-tables.ts'
import { HeldClock } from '../../support/held-clock.ts'

const HOUR = 3_600_000

describe('the alert engine', () => {
  it('tells each channel once of the third failure in a row, and once of the second success after it', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    await bench.run('http_5xx', 'http_5xx')
    expect(bench.slack.kinds()).toEqual([])
    await bench.run('http_5xx', 'http_5xx', 'refused')
    expect(bench.slack.kinds()).toEqual(['firing'])
    await bench.run('ok')
    expect(bench.slack.kinds()).toEqual(['firing'])
    await bench.run('ok', 'ok')
    expect(bench.slack.kinds()).toEqual(['firing', 'resolved'])
    expect(bench.email.kinds()).toEqual(['firing', 'resolved'])
    expect(bench.problems).toEqual([])
  })

  it('keeps firing through a single success', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    await bench.run('http_5xx', 'http_5xx', 'http_5xx', 'ok', 'http_5xx', 'ok')
    expect(bench.engine.snapshot()).toHaveLength(1)
    expect(bench.slack.kinds()).toEqual(['firing'])
  })

  it('counts only what says something of the handler', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    await bench.run('circuit_open', 'blocked_target', 'unknown', 'circuit_open', 'http_5xx', 'http_5xx')
    expect(bench.metric.get('streak calls primary')).toBe(2)
    const id = bench.decide('http_5xx', { via: 'rescue' })
    bench.decide('http_5xx', { via: 'rescue', id })
    expect(bench.metric.get('streak calls primary')).toBe(2)
    expect(bench.engine.snapshot()).toEqual([])
  })

  it('counts the first try of a callback that was answered before any handler was asked', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    for (let i = 0; i < 3; i++) bench.decide('refused', { via: 'rescue', number: 1 })
    expect(bench.engine.snapshot()).toMatchObject([{ rule: 'consecutive_failures', callbacks: 3 }])
  })

  it('is not taken in by a slow success from before the outage', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    await bench.run('ok')
    const early = '01K00000000000000000000000'
    await bench.run('http_5xx', 'http_5xx')
    bench.decide('ok', { id: early })
    await bench.run('http_5xx')
    expect(bench.engine.snapshot()).toHaveLength(1)
  })

  it('reads what every streak needs to be told at once, however many routes fail', async () => {
    const failing = Array.from({ length: 200 }, (_, n) => `route-${n}`)
    const streaks = new Map(
      failing.map((route) => {
        const failedIds = [1, 2, 3].map((n) => `${route}-${n}`)
        return [`${route} primary`, { ...noStreak, failures: 3, failedIds, firstFailureId: `${route}-1` }]
      }),
    )
    await using bench = await AlertBench.start({ routes: failing.map((id) => aRoute(id)), streaks })
    expect(bench.reads).toHaveLength(1)
    expect(bench.reads[0]).toHaveLength(600)
  })

  it('remembers streak and alert over a restart, and tells nobody twice', async () => {
    await using file = await scratchFile()
    const shared = { file: file.path, clock: new HeldClock(), streaks: new Map() }
    {
      await using bench = await AlertBench.start(shared)
      await bench.run('http_5xx', 'http_5xx')
    }
    {
      await using bench = await AlertBench.start(shared)
      expect(bench.metric.get('streak calls primary')).toBe(2)
      await bench.run('http_5xx')
      expect(bench.slack.kinds()).toEqual(['firing'])
    }
    {
      await using bench = await AlertBench.start(shared)
      expect(bench.metric.get('firing calls consecutive_failures')).toBe(true)
      await bench.run('http_5xx', 'ok', 'ok')
      expect(bench.slack.kinds()).toEqual(['resolved'])
    }
  })

  it('decides at the start what a crash kept it from deciding', async () => {
    await using file = await scratchFile()
    const streaks = new Map<string, Streak>()
    const shared = { file: file.path, clock: new HeldClock(), streaks }
    const fold = (id: string, succeeded: boolean): void => {
      streaks.set('calls primary', foldStreak(streaks.get('calls primary') ?? noStreak, id, succeeded))
    }
    for (const id of ['1', '2', '3']) fold(`01K0000000000000000000000${id}`, false)
    {
      await using bench = await AlertBench.start(shared)
      expect(bench.slack.kinds()).toEqual(['firing'])
    }
    for (const id of ['4', '5']) fold(`01K0000000000000000000000${id}`, true)
    await using bench = await AlertBench.start(shared)
    expect(bench.slack.kinds()).toEqual(['resolved'])
    expect(bench.engine.snapshot()).toEqual([])
  })

  it('writes every hurt callback also when it recovers before the next tick', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    for (let i = 0; i < 5; i++) bench.decide('http_5xx')
    const [open] = bench.engine.snapshot()
    for (let i = 0; i < 2; i++) bench.decide('ok')
    await bench.settle()
    expect(await bench.store.incident(open!.id)).toMatchObject({ callbacks: 5, close_reason: 'recovered' })
  })

  it('repeats while it lasts, with growing counts, and not after an acknowledgement', async () => {
    await using file = await scratchFile()
    const clock = new HeldClock()
    const shared = { file: file.path, clock, streaks: new Map() }
    const bench = await AlertBench.start(shared)
    await bench.run('http_5xx', 'http_5xx', 'http_5xx', 'http_5xx')
    await bench.pass(9 * HOUR, 60_000)
    expect(bench.slack.kinds()).toEqual(['firing', 'reminder', 'reminder'])
    expect(bench.slack.accepted[1]?.text).toContain('4 callbacks hurt')
    const [incident] = bench.engine.snapshot()
    await bench.store.ackIncident(incident!.id, {
      by: 'ana',
      comment: 'on it',
      until: clock.wall() + 24 * HOUR,
    })
    await bench[Symbol.asyncDispose]()
    await using next = await AlertBench.start(shared)
    await next.pass(20 * HOUR, 60_000)
    expect(next.slack.kinds()).toEqual([])
  })

  it('collects the ids of exactly the callbacks that were hurt', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    await bench.run('ok')
    const ids: string[] = []
    for (let i = 0; i < 5; i++) {
      ids.push(bench.decide('timeout_response'))
      await bench.pass(1000)
    }
    const [open] = bench.engine.snapshot()
    await bench.run('ok', 'ok', 'http_5xx')
    const stored = await bench.store.incident(open!.id)
    expect(stored).toMatchObject({ callbacks: 5, value: 5, close_reason: 'recovered' })
    expect(await bench.store.incidentCallbacks(open!.id, '', 100)).toEqual(ids)
  })

  it('counts callbacks that a skipped target did not get as hurt, but not in the streak', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    await bench.run('http_5xx', 'http_5xx', 'http_5xx', 'circuit_open', 'circuit_open')
    const [open] = bench.engine.snapshot()
    expect(await bench.store.incident(open!.id)).toMatchObject({ callbacks: 5, value: 3 })
  })

  it('takes a threshold of the route before the general one, also after a reload', async () => {
    await using file = await scratchFile()
    const touchy = aRouteTo('touchy')
    const own = { ...settings, routeThresholds: new Map([['touchy', { consecutiveFailures: 1 }]]) }
    await using bench = await AlertBench.start({ file: file.path, routes: [touchy, aRoute()], settings: own })
    await bench.run('http_5xx')
    expect(bench.slack.kinds()).toEqual(['firing'])
    bench.decide('http_5xx', { route: aRoute() })
    bench.engine.configure([touchy, aRoute()], {
      ...own,
      thresholds: { consecutiveFailures: 1, resolveAfter: 2 },
    })
    await bench.pass(1000)
    expect(bench.engine.snapshot().map(({ route }) => route)).toEqual(['touchy', 'calls'])
  })

  it('closes the incident of a route that was taken out, and says so', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    await bench.run('http_5xx', 'http_5xx', 'http_5xx')
    bench.engine.configure([aRoute('other')], settings)
    await bench.pass(2000)
    expect(bench.slack.kinds()).toEqual(['firing', 'resolved'])
    expect(bench.slack.accepted[1]?.text).toContain('No longer watched: calls primary')
    expect(bench.metric.get('firing calls consecutive_failures')).toBe(false)
  })

  it('is a warning while the fallback takes what the primary does not, critical when both fail', async () => {
    await using file = await scratchFile()
    const route = aRoute('calls', aTarget('primary'), aTarget('fallback'))
    await using bench = await AlertBench.start({ file: file.path, routes: [route] })
    for (let i = 0; i < 3; i++) {
      const id = bench.decide('http_5xx')
      bench.decide('ok', { id, target: 'fallback' })
    }
    await bench.pass(1000)
    expect(bench.engine.snapshot()).toMatchObject([{ target: 'primary', severity: 'warning' }])
    for (let i = 0; i < 3; i++) {
      const id = bench.decide('http_5xx')
      bench.decide('http_5xx', { id, target: 'fallback' })
    }
    await bench.pass(1000)
    expect(bench.engine.snapshot()).toMatchObject([
      { target: 'primary', severity: 'critical' },
      { target: 'fallback', severity: 'critical' },
    ])
  })

  it('says in one message that it was down when it recovered before a channel could be told', async () => {
    await using file = await scratchFile()
    await using bench = await AlertBench.start({ file: file.path })
    bench.slack.breaks()
    await bench.run('http_5xx', 'http_5xx', 'http_5xx', 'ok', 'ok')
    bench.slack.mends()
    await bench.pass(60_000)
    expect(bench.email.kinds()).toEqual(['firing', 'resolved'])
    expect(bench.slack.accepted.map(({ subject }) => subject)).toEqual([
      '[RESOLVED] calls primary was down for 4 s',
    ])
  })

  it('tells people also while the store cannot be written, and once only', async () => {
    await using file = await scratchFile()
    let isFull = false
    const onStep = (step: string): void => {
      if (isFull && step.startsWith('before')) throw new Error('database or disk is full')
    }
    await using bench = await AlertBench.start({ file: file.path, onStep })
    isFull = true
    await bench.run('http_5xx', 'http_5xx', 'http_5xx', 'http_5xx')
    await bench.pass(10_000)
    expect(bench.slack.kinds()).toEqual(['firing'])
    expect(bench.email.kinds()).toEqual(['firing'])
    isFull = false
    await bench.run('ok', 'ok')
    await bench.pass(10_000)
    expect(bench.slack.kinds()).toEqual(['firing', 'resolved'])
    expect(await bench.store.incidents({ limit: 10 })).toMatchObject([
      { callbacks: 4, close_reason: 'recovered' },
    ])
  })

  it('is one incident with every route in it when one handler is behind them all', async () => {
    await using file = await scratchFile()
    const routes = ['a', 'b', 'c', 'd', 'e'].map((id) => aRoute(id))
    await using bench = await AlertBench.start({ file: file.path, routes })
    const fail = (route: Route) => [1, 2, 3].map(() => bench.decide('refused', { route }))
    const ids = routes.flatMap((route) => fail(route))
    await bench.pass(2000)
    expect(bench.slack.kinds()).toEqual(['firing'])
    const [open] = bench.engine.snapshot()
    expect(open?.places.map(({ route }) => route)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await bench.store.incidentCallbacks(open!.id, '', 100)).toEqual(ids.toSorted())
    await bench.pass(60_000)
    expect(bench.slack.kinds()).toEqual(['firing', 'reminder'])
    expect(bench.slack.accepted[1]?.text).toContain('a, b, c, d, e')
    for (const route of routes) {
      expect(bench.slack.kinds()).not.toContain('resolved')
      for (let i = 0; i < 2; i++) bench.decide('ok', { route })
      await bench.pass(2000)
    }
    expect(bench.slack.kinds()).toEqual(['firing', 'reminder', 'resolved'])
    for (const { id } of routes) expect(bench.metric.get(`firing ${id} consecutive_failures`)).toBe(false)
  })

  it('keeps apart what fails at different URLs of one server', async () => {
    await using file = await scratchFile()
    const routes = ['a', 'b'].map((id) => aRoute(id, aTarget('primary', `https://api.example.com/${id}`)))
    await using bench = await AlertBench.start({ file: file.path, routes })
    for (const route of routes) for (let i = 0; i < 3; i++) bench.decide('http_5xx', { route })
    expect(bench.engine.snapshot()).toHaveLength(2)
  })

  it('tells of an alert that comes and goes once, and of its end when it was well for a while', async () => {
    await using file = await scratchFile()
    const flapping = { fires: 3, withinMs: 1_800_000, holdMs: 600_000 }
    await using bench = await AlertBench.start({ file: file.path, settings: { ...settings, flapping } })
    for (let i = 0; i < 10; i++) await bench.run('http_5xx', 'http_5xx', 'http_5xx', 'ok', 'ok')
    expect(bench.slack.kinds()).toEqual(['firing', 'resolved', 'firing', 'resolved', 'firing'])
    expect(bench.slack.accepted.at(-1)?.text).toContain('it comes and goes')
    await bench.pass(590_000, 10_000)
    expect(bench.slack.kinds().at(-1)).toBe('firing')
    await bench.pass(30_000)
    expect(bench.slack.kinds().at(-1)).toBe('resolved')
  })

  it('fires for 100 routes in one second with one message each, and keeps none back', async () => {
    await using file = await scratchFile()
    const routes = Array.from({ length: 100 }, (_, i) => aRouteTo(`route-${i}`))
    await using bench = await AlertBench.start({ file: file.path, routes })
    for (let i = 0; i < 3; i++) for (const route of routes) bench.decide('http_5xx', { route })
    await bench.pass(120_000)
    expect(new Set(bench.slack.accepted.map(({ incidentId }) => incidentId)).size).toBe(100)
    expect(bench.slack.accepted).toHaveLength(100)
  })
})
