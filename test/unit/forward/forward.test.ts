import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import type { Attempt } from '../../../src/callback/attempt.ts'
import { systemClock } from '../../../src/clock.ts'
import { createAddressPolicy } from '../../../src/forward/address.ts'
import { createBreaker } from '../../../src/forward/breaker.ts'
import { behaviours, startTarget } from '../../support/target-server.ts'
import { exchangeOn, live, routeTo, testForwarder } from './fixtures.ts'

const text = (attempt: Attempt | undefined): string => Buffer.from(attempt?.reply?.body ?? '').toString()

describe('primary, then fallback', () => {
  test('a primary that takes the callback is the only attempt', async () => {
    await using primary = await startTarget()
    await using fallback = await startTarget()
    await using forwarder = testForwarder()
    const { attempts, success } = await forwarder.forward(
      exchangeOn(routeTo([primary.url, fallback.url])),
      live,
    )
    expect(attempts).toHaveLength(1)
    expect(success).toBe(attempts[0])
    expect(success).toMatchObject({ number: 1, via: 'live', outcome: 'ok', resent: false })
    expect(fallback.requests).toHaveLength(0)
  })

  test('a fallback answers after a primary that fails, with its own number and the same delivery id', async () => {
    await using primary = await startTarget(() => behaviours.status(503))
    await using fallback = await startTarget()
    await using forwarder = testForwarder()
    const { attempts, success } = await forwarder.forward(exchangeOn(routeTo([primary.url, fallback.url])), {
      via: 'rescue',
      firstNumber: 7,
      budgetMs: 1000,
    })
    expect(attempts.map(({ number, outcome, via }) => [number, outcome, via])).toEqual([
      [7, 'http_5xx', 'rescue'],
      [8, 'ok', 'rescue'],
    ])
    expect(success).toBe(attempts[1])
    expect(fallback.requests[0]!.header('x-ringback-attempt')).toBe('8')
    expect(primary.requests[0]!.header('x-ringback-delivery')).toBe(
      fallback.requests[0]!.header('x-ringback-delivery'),
    )
    expect(fallback.requests[0]!.body).toEqual(primary.requests[0]!.body)
  })

  test('time that was used before counts; when none is left nothing is sent', async () => {
    await using target = await startTarget()
    await using forwarder = testForwarder()
    const spent = { startedAt: systemClock.mono() - 2750 }
    const { attempts } = await forwarder.forward(exchangeOn(routeTo([target.url]), spent), live)
    expect(attempts).toEqual([])
    expect(target.requests).toHaveLength(0)
  })
})

/** Answers when the test says so. */
function heldTarget() {
  const replies: (() => void)[] = []
  const handler = () =>
    new Promise<{ body: string }>((resolve) =>
      replies.push(() => resolve({ body: `reply ${replies.length}` })),
    )
  return { handler, reply: () => replies.at(-1)?.() }
}

describe('time, which is moved by hand while sockets are real', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  test('phases are measured, and absent where they did not happen', async () => {
    const held = heldTarget()
    await using target = await startTarget(held.handler)
    await using forwarder = testForwarder()
    const phasesOf = async (count: number) => {
      const forwarded = forwarder.forward(exchangeOn(routeTo([target.url])), live)
      await target.seen(count)
      vi.advanceTimersByTime(20)
      held.reply()
      return (await forwarded).success!.phases
    }
    expect(await phasesOf(1)).toMatchObject({ dns: NaN, connect: 0, tls: NaN, firstByte: 20, total: 20 })
    expect(await phasesOf(2)).toMatchObject({ connect: NaN, firstByte: 20, total: 20 })
    expect(target.connections).toBe(1)
  })

  test('a hanging primary leaves a slow fallback enough time, all within the deadline', async () => {
    const held = heldTarget()
    await using primary = await startTarget(behaviours.hang)
    await using fallback = await startTarget(held.handler)
    await using forwarder = testForwarder()
    const exchange = exchangeOn(routeTo([primary.url, fallback.url], { deadlineMs: 600, marginMs: 40 }))
    const forwarded = forwarder.forward(exchange, live)
    await primary.seen(1)
    vi.advanceTimersByTime(320)
    await fallback.seen(1)
    vi.advanceTimersByTime(200)
    held.reply()
    const { attempts, success } = await forwarded
    expect(attempts.map(({ outcome, phases }) => [outcome, phases.total])).toEqual([
      ['timeout_response', 320],
      ['ok', 200],
    ])
    expect(text(success)).toBe('reply 1')
  })

  test('both hanging: the default deadline of 3 s is kept', async () => {
    await using target = await startTarget(behaviours.hang)
    await using forwarder = testForwarder()
    const exchange = exchangeOn(routeTo([target.url, target.url]))
    const forwarded = forwarder.forward(exchange, live)
    await target.seen(1)
    vi.advanceTimersByTime(1600)
    await target.seen(2)
    vi.advanceTimersByTime(1100)
    const { attempts, success } = await forwarded
    expect(success).toBeUndefined()
    expect(attempts.map(({ outcome, phases }) => [outcome, phases.total])).toEqual([
      ['timeout_response', 1600],
      ['timeout_response', 1100],
    ])
  })

  test('the overrides of the URL shorten a try', async () => {
    await using target = await startTarget(behaviours.hang)
    await using forwarder = testForwarder()
    const forwarded = forwarder.forward(exchangeOn(routeTo([`${target.url}#rt=120`])), live)
    await target.seen(1)
    vi.advanceTimersByTime(120)
    const { attempts } = await forwarded
    expect(attempts[0]).toMatchObject({ outcome: 'timeout_response', phases: { total: 120 } })
  })

  test('a reply after the time was up is told, and not taken for an answer', async () => {
    const held = heldTarget()
    await using target = await startTarget(held.handler)
    await using forwarder = testForwarder()
    const late = Promise.withResolvers<Attempt>()
    const exchange = exchangeOn(routeTo([target.url], { deadlineMs: 1200, marginMs: 200 }))
    const forwarded = forwarder.forward(exchange, { ...live, onLate: late.resolve })
    await target.seen(1)
    vi.advanceTimersByTime(1000)
    const { attempts, success } = await forwarded
    expect(success).toBeUndefined()
    expect(attempts[0]).toMatchObject({ outcome: 'timeout_response', reply: undefined })
    held.reply()
    const attempt = await late.promise
    expect(attempt).toMatchObject({ number: 1, outcome: 'ok', startedAt: attempts[0]!.startedAt })
    expect(text(attempt)).toBe('reply 1')
    const again = forwarder.forward(exchangeOn(routeTo([target.url])), live)
    await target.seen(2)
    held.reply()
    await again
    expect(target.connections).toBe(1) // the connection is used again
  })
})

describe('stale kept-alive connections', () => {
  test.each([
    ['FIN', false],
    ['RST', true],
  ])('a target that closes idle connections with %s costs no callback', async (_name, idleReset) => {
    await using target = await startTarget(behaviours.ok, { idleMs: 12, idleReset })
    await using forwarder = testForwarder()
    const route = routeTo([target.url])
    const outcomes = new Map<string, number>()
    const lane = async (): Promise<void> => {
      for (let i = 0; i < 60; i++) {
        const { attempts } = await forwarder.forward(exchangeOn(route), live)
        const key = attempts.map(({ outcome, error }) => outcome + error).join()
        outcomes.set(key, (outcomes.get(key) ?? 0) + 1)
        await new Promise((resolve) => setTimeout(resolve, 11 + (i % 3)))
      }
    }
    await Promise.all(Array.from({ length: 8 }, lane))
    expect(Object.fromEntries(outcomes)).toEqual({ ok: 480 })
  })

  test('is resent once on a fresh connection, and says so', async () => {
    let served = 0
    await using target = await startTarget((_request, socket) => {
      served += 1
      if (served !== 2) return { body: `reply ${served}` }
      socket.resetAndDestroy()
      return undefined
    })
    await using forwarder = testForwarder()
    const route = routeTo([target.url])
    await forwarder.forward(exchangeOn(route), live)
    const { attempts, success } = await forwarder.forward(exchangeOn(route), live)
    expect(attempts).toHaveLength(1)
    expect(success).toMatchObject({ outcome: 'ok', resent: true, number: 1 })
    expect(target.requests.map(({ connection }) => connection)).toEqual([1, 1, 2])
    expect(target.requests[2]!.body).toEqual(target.requests[1]!.body)
  })

  test('is resent no second time', async () => {
    await using target = await startTarget()
    await using forwarder = testForwarder()
    const route = routeTo([target.url])
    await forwarder.forward(exchangeOn(route), live)
    target.behave(behaviours.reset)
    const { attempts } = await forwarder.forward(exchangeOn(route), live)
    expect(attempts[0]).toMatchObject({ outcome: 'reset', resent: true })
    expect(target.requests).toHaveLength(3)
  })

  test.each([
    ['a fresh connection', false, behaviours.reset],
    ['a reply that had begun', true, behaviours.rawAndClose('H')],
    ['a reply that was cut', true, behaviours.truncate],
  ])('nothing is resent after %s', async (_name, isReused, handler) => {
    await using target = await startTarget()
    await using forwarder = testForwarder()
    const route = routeTo([target.url])
    if (isReused) await forwarder.forward(exchangeOn(route), live)
    target.behave(handler)
    const seen = target.requests.length
    const { attempts } = await forwarder.forward(exchangeOn(route), live)
    expect(attempts[0]).toMatchObject({ outcome: 'reset', resent: false })
    expect(target.requests).toHaveLength(seen + 1)
  })
})

describe('many callbacks at once', () => {
  test('more than there are connections wait for one, in order, and all are delivered', async () => {
    await using target = await startTarget(behaviours.after(5))
    await using forwarder = testForwarder()
    const route = routeTo([target.url])
    const results = await Promise.all(
      Array.from({ length: 500 }, () => forwarder.forward(exchangeOn(route), live)),
    )
    expect(results.every(({ success }) => success !== undefined)).toBe(true)
    expect(target.connections).toBeLessThanOrEqual(128)
  })

  test('those that wait in vain end in time, and are never sent', async () => {
    await using target = await startTarget(behaviours.hang)
    await using forwarder = testForwarder()
    const route = (deadlineMs: number) => routeTo([target.url], { deadlineMs, marginMs: 20 })
    const busy = Array.from({ length: 128 }, () => forwarder.forward(exchangeOn(route(1500)), live))
    await target.seen(128)
    const vain = Array.from({ length: 72 }, () => forwarder.forward(exchangeOn(route(200)), live))
    for (const { attempts } of await Promise.all(vain)) {
      expect(attempts[0]!.outcome).toBe('timeout_response')
      expect(attempts[0]!.error).toMatch(/^no free connection to http:\/\/127/)
    }
    for (const { attempts } of await Promise.all(busy)) {
      expect(attempts[0]!.error).toMatch(/^no reply from 127.0.0.1:\d+ within \d+ ms$/)
    }
    expect(target.requests).toHaveLength(128)
    target.behave(behaviours.ok)
    expect((await forwarder.forward(exchangeOn(routeTo([target.url])), live)).success).toBeDefined()
    expect(target.requests).toHaveLength(129)
  })
})

describe('late replies', () => {
  test('without a listener the connection is given up at once', async () => {
    await using target = await startTarget(behaviours.hang)
    await using forwarder = testForwarder()
    await forwarder.forward(exchangeOn(routeTo([target.url], { deadlineMs: 120, marginMs: 20 })), live)
    await vi.waitFor(() => expect(target.sockets.size).toBe(0))
  })
})

describe('breaker', () => {
  test('a target that keeps failing is skipped at once and probed now and then', async () => {
    await using primary = await startTarget(() => behaviours.status(500))
    await using fallback = await startTarget()
    let now = 0
    const breaker = createBreaker({
      clock: { wall: () => 0, mono: () => now },
      limits: () => ({ afterFailures: 3, probeEveryMs: 2000 }),
    })
    await using forwarder = testForwarder({ breaker })
    const exchange = () => exchangeOn(routeTo([primary.url, fallback.url]))
    const outcomes = async (): Promise<string> =>
      (await forwarder.forward(exchange(), live)).attempts.map(({ outcome }) => outcome).join(' ')
    for (let i = 0; i < 3; i++) expect(await outcomes()).toBe('http_5xx ok')
    expect(await outcomes()).toBe('circuit_open ok')
    expect(primary.requests).toHaveLength(3)
    expect(breaker.open()).toEqual([{ target: primary.url, failures: 3, nextProbeAt: 2000 }])
    now = 2000
    expect(await outcomes()).toBe('http_5xx ok')
    expect(await outcomes()).toBe('circuit_open ok')
    primary.behave(behaviours.ok)
    now = 4000
    expect(await outcomes()).toBe('ok')
    expect(await outcomes()).toBe('ok')
    expect(breaker.open()).toEqual([])
  })

  test('other limits count at once, also for a target that is skipped already', async () => {
    await using target = await startTarget(() => behaviours.status(500))
    let now = 0
    let limits = { afterFailures: 5, probeEveryMs: 2000 }
    const breaker = createBreaker({ clock: { wall: () => 0, mono: () => now }, limits: () => limits })
    await using forwarder = testForwarder({ breaker })
    const outcome = async () =>
      (await forwarder.forward(exchangeOn(routeTo([target.url])), live)).attempts[0]?.outcome
    for (let i = 0; i < 3; i++) expect(await outcome()).toBe('http_5xx')
    limits = { afterFailures: 2, probeEveryMs: 60_000 }
    expect(await outcome()).toBe('circuit_open')
    expect(breaker.open()).toEqual([{ target: target.url, failures: 3, nextProbeAt: 60_000 }])
    now = 1000
    limits = { afterFailures: 2, probeEveryMs: 1000 }
    expect(await outcome()).toBe('http_5xx')
    limits = { afterFailures: 10, probeEveryMs: 60_000 }
    expect(await outcome()).toBe('http_5xx')
    expect(breaker.open()).toEqual([])
  })

  test('the only way for a call is never skipped, nor is a replay by hand', async () => {
    await using target = await startTarget(() => behaviours.status(500))
    const breaker = createBreaker({
      clock: systemClock,
      limits: () => ({ afterFailures: 1, probeEveryMs: 60_000 }),
    })
    await using forwarder = testForwarder({ breaker })
    const route = routeTo([target.url])
    await forwarder.forward(exchangeOn(route), live)
    const notify = await forwarder.forward(exchangeOn(route), live)
    expect(notify.attempts[0]).toMatchObject({ outcome: 'circuit_open', status: 0 })
    const xml = await forwarder.forward(exchangeOn(route, {}, { kind: 'xml' }), live)
    expect(xml.attempts[0]!.outcome).toBe('http_5xx')
    const replay = await forwarder.forward(exchangeOn(route), {
      via: 'replay',
      firstNumber: 3,
      budgetMs: 1000,
    })
    expect(replay.attempts[0]!.outcome).toBe('http_5xx')
    expect(target.requests).toHaveLength(3)
  })

  test('a refused callback (4xx) shows that the target is alive', async () => {
    await using target = await startTarget(() => behaviours.status(404))
    const breaker = createBreaker({
      clock: systemClock,
      limits: () => ({ afterFailures: 1, probeEveryMs: 60_000 }),
    })
    await using forwarder = testForwarder({ breaker })
    for (let i = 0; i < 3; i++) await forwarder.forward(exchangeOn(routeTo([target.url])), live)
    expect(target.requests).toHaveLength(3)
  })
})

describe('closing and reloading', () => {
  test('closing waits for what is under way, then leaves no connection', async () => {
    await using target = await startTarget(behaviours.after(60))
    const forwarder = testForwarder()
    const forwarded = forwarder.forward(exchangeOn(routeTo([target.url])), live)
    await forwarder.close()
    expect((await forwarded).success).toBeDefined()
    await vi.waitFor(() => expect(target.sockets.size).toBe(0))
  })

  test('closing gives up late replies', async () => {
    await using target = await startTarget(behaviours.hang)
    const forwarder = testForwarder()
    const exchange = exchangeOn(routeTo([target.url], { deadlineMs: 120, marginMs: 20 }))
    await forwarder.forward(exchange, { ...live, onLate: () => expect.fail('no reply came') })
    expect(target.sockets.size).toBe(1)
    await forwarder.close()
    await vi.waitFor(() => expect(target.sockets.size).toBe(0))
  })

  test('a new policy counts for the next callback, also where a connection stands', async () => {
    await using target = await startTarget()
    await using forwarder = testForwarder()
    const route = routeTo([target.url])
    await forwarder.forward(exchangeOn(route), live)
    forwarder.update({ policy: createAddressPolicy([]), publicUrl: 'https://new.example.com' })
    const { attempts } = await forwarder.forward(exchangeOn(route), live)
    expect(attempts[0]!.outcome).toBe('blocked_target')
    forwarder.update({ policy: createAddressPolicy(['127.0.0.1']), publicUrl: 'https://new.example.com' })
    await forwarder.forward(exchangeOn(route), live)
    expect(target.requests[1]!.header('x-forwarded-host')).toBe('new.example.com')
  })

  test('an update while callbacks wait for a connection loses none of them', async () => {
    await using target = await startTarget(behaviours.after(30))
    await using forwarder = testForwarder()
    const route = routeTo([target.url])
    const all = Array.from({ length: 300 }, () => forwarder.forward(exchangeOn(route), live))
    await target.seen(1)
    forwarder.update({ policy: createAddressPolicy(['127.0.0.1']), publicUrl: 'https://a.example.com' })
    expect((await Promise.all(all)).every(({ success }) => success !== undefined)).toBe(true)
    await vi.waitFor(() => expect(target.sockets.size).toBe(0))
  })
})
