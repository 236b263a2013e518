import { describe, expect, it, vi } from 'vitest'

import { testMessage } from '../../../src/alerts/messages/test-message.ts'
import { nextTryAt } from '../../../src/notify/retry-plan.ts'
import { AlertBench } from '../../support/alert-bench.ts'
import { scratchFile } from '../../support/alert-tables.ts'
import { HeldClock } from '../../support/held-clock.ts'
import { RecordingNotifier } from '../../support/recording-notifier.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

async function firingBench(options: Partial<Parameters<typeof AlertBench.start>[0]> = {}) {
  const file = await scratchFile()
  const bench = await AlertBench.start({ file: file.path, ...options })
  return {
    bench,
    fire: () => bench.run('http_5xx', 'http_5xx', 'http_5xx'),
    [Symbol.asyncDispose]: async () => {
      await bench[Symbol.asyncDispose]()
      await file[Symbol.asyncDispose]()
    },
  }
}

/** A disk that takes no write, or not a certain one, while it is full. */
function fillableDisk(refused = 'before') {
  const disk = {
    isFull: false,
    onStep: (step: string): void => {
      if (disk.isFull && step.startsWith(refused)) throw new Error('database or disk is full')
    },
  }
  return disk
}

/** A channel that takes what it is sent only once it is told to. */
function slowSlack() {
  const { promise, resolve: answer } = Promise.withResolvers<void>()
  const sent: string[] = []
  const slack = new RecordingNotifier('slack')
  slack.send = async ({ id }) => {
    sent.push(id)
    await promise
    return ''
  }
  return { slack, sent, answer }
}

describe('the outbox', () => {
  it('tries again with growing pauses until the channel takes it, and then once', async () => {
    await using under = await firingBench()
    const { bench } = under
    bench.slack.breaks()
    await under.fire()
    await bench.pass(10 * MINUTE)
    expect(bench.slack.tries).toBe(7)
    expect(bench.email.accepted).toHaveLength(1)
    bench.slack.mends()
    await bench.pass(10 * MINUTE)
    expect(bench.slack.kinds()).toEqual(['firing'])
  })

  it('waits as long as the far side asks', async () => {
    await using under = await firingBench()
    const { bench } = under
    bench.slack.breaks(false, 40_000)
    await under.fire()
    expect(bench.slack.tries).toBe(1)
    bench.slack.mends()
    await bench.pass(38_000)
    expect(bench.slack.tries).toBe(1)
    await bench.pass(3000)
    expect(bench.slack.kinds()).toEqual(['firing'])
  })

  it('does not try again what cannot succeed, and says so', async () => {
    await using under = await firingBench()
    const { bench } = under
    bench.slack.breaks(true)
    await under.fire()
    bench.slack.mends()
    await bench.pass(HOUR, 10_000)
    expect(bench.slack.tries).toBe(1)
    expect(bench.results).toContain('slack firing failed')
    expect(bench.outbox.channels()[0]).toMatchObject({ failures: 1, last_error: 'the channel is down' })
    const rows = await bench.store.notifications({ limit: 10 })
    expect(rows.find(({ channel }) => channel === 'slack')).toMatchObject({
      state: 'failed',
      last_error: 'the channel is down',
    })
  })

  it('gives up after a day', async () => {
    await using under = await firingBench()
    const { bench } = under
    bench.slack.breaks()
    await under.fire()
    await bench.pass(25 * HOUR, 5 * MINUTE)
    const rows = await bench.store.notifications({ limit: 100 })
    const row = rows.find(({ channel, kind }) => channel === 'slack' && kind === 'firing')
    expect(row).toMatchObject({ state: 'failed' })
  })

  it('tells the resolve to the stand-in that told the firing', async () => {
    const notifiers = [new RecordingNotifier('slack'), new RecordingNotifier('email')]
    const options = { notifiers, fallback: { afterFailures: 3, channel: 'email' } }
    await using under = await firingBench({ ...options, told: ['slack'] })
    const { bench } = under
    bench.slack.breaks()
    await under.fire()
    await bench.pass(MINUTE)
    expect(bench.email.kinds()).toEqual(['firing'])
    await bench.run('ok', 'ok')
    await bench.pass(MINUTE)
    expect(bench.email.kinds()).toEqual(['firing', 'resolved'])
    bench.slack.mends()
    await bench.pass(10 * MINUTE)
    expect(bench.slack.accepted.map(({ subject }) => subject)).toEqual([
      expect.stringContaining('[RESOLVED] calls primary was down for'),
    ])
  })

  it('tells the resolve to a stand-in also when it has to stand in only after the end', async () => {
    const notifiers = [new RecordingNotifier('slack'), new RecordingNotifier('email')]
    const options = { notifiers, fallback: { afterFailures: 2, channel: 'email' } }
    await using under = await firingBench({ ...options, told: ['slack'] })
    const { bench } = under
    bench.slack.breaks()
    await bench.run('http_5xx', 'http_5xx', 'http_5xx', 'ok', 'ok')
    await bench.pass(5 * MINUTE)
    expect(bench.email.kinds().at(-1)).toBe('resolved')
  })

  it('does not tell a stand-in what it was told already', async () => {
    const options = { fallback: { afterFailures: 1, channel: 'email' } }
    await using under = await firingBench(options)
    under.bench.slack.breaks(true)
    await under.fire()
    await under.bench.pass(MINUTE)
    expect(under.bench.email.kinds()).toEqual(['firing'])
  })

  it('sends about one message a second through a channel, with the tick of each second', async () => {
    await using under = await firingBench()
    const { bench } = under
    const note = { incident_id: '', kind: 'test' as const, message: JSON.stringify({ kind: 'test' }) }
    for (let i = 0; i < 10; i++) {
      await bench.store.enqueue({ id: `t${i}`, ...note }, ['slack'], bench.clock.wall())
    }
    await bench.pass(4000, 100)
    expect(bench.slack.accepted.length).toBeGreaterThanOrEqual(4)
    expect(bench.slack.accepted.length).toBeLessThanOrEqual(5)
    await bench.pass(1000, 100)
    const before = bench.slack.accepted.length
    await bench.pass(3000)
    expect(bench.slack.accepted).toHaveLength(before + 3)
    await bench.pass(8000, 100)
    expect(bench.slack.accepted).toHaveLength(10)
  })

  it('forgets only the oldest of too many messages past the store, also while one is under way', async () => {
    const { slack, sent, answer } = slowSlack()
    await using under = await firingBench({ notifiers: [slack] })
    const ids = Array.from({ length: 52 }, (_, n) => `m${n}`)
    for (const id of ids) under.bench.outbox.tellPastStore(testMessage(id, 0), ['slack'])
    await vi.waitUntil(() => sent.length === 1)
    answer()
    await under.bench.pass(MINUTE)
    expect(sent).toEqual(ids.filter((id) => id !== 'm1'))
  })

  it('does not blame a channel for a message that our own stop broke off, and sends it after the start', async () => {
    await using file = await scratchFile()
    const shared = { file: file.path, clock: new HeldClock(), streaks: new Map() }
    {
      await using bench = await AlertBench.start(shared)
      bench.slack.hangs = true
      for (let i = 0; i < 3; i++) bench.decide('http_5xx')
      await bench.engine.idle()
      await vi.waitUntil(() => bench.slack.tries === 1)
      await bench.outbox.close()
      expect(bench.results).toEqual(['email firing sent'])
    }
    await using bench = await AlertBench.start(shared)
    await bench.pass(1000)
    expect(bench.slack.kinds()).toEqual(['firing'])
  })

  it('fails what waits for a channel that is no longer configured', async () => {
    await using file = await scratchFile()
    const shared = { file: file.path, clock: new HeldClock(), streaks: new Map() }
    {
      await using bench = await AlertBench.start(shared)
      bench.email.breaks()
      await bench.run('http_5xx', 'http_5xx', 'http_5xx')
    }
    await using bench = await AlertBench.start({ ...shared, notifiers: [new RecordingNotifier('slack')] })
    await bench.pass(1000)
    const rows = await bench.store.notifications({ limit: 10 })
    expect(rows.find(({ channel }) => channel === 'email')).toMatchObject({ state: 'failed' })
    expect(await bench.store.oldestPending()).toBeUndefined()
  })

  it('keeps no end of an incident waiting for a channel that a restart left out', async () => {
    await using file = await scratchFile()
    const shared = { file: file.path, clock: new HeldClock(), streaks: new Map() }
    {
      await using bench = await AlertBench.start(shared)
      await bench.run('http_5xx', 'http_5xx', 'http_5xx')
    }
    await using bench = await AlertBench.start({ ...shared, notifiers: [new RecordingNotifier('slack')] })
    await bench.run('ok', 'ok')
    await bench.pass(MINUTE)
    expect(bench.slack.kinds()).toEqual(['resolved'])
    expect(await bench.store.oldestPending()).toBeUndefined()
  })
})

describe('a wall clock that is set back', () => {
  const note = { incident_id: '', kind: 'test' as const }
  const enqueue = (bench: AlertBench, ...ids: string[]) =>
    Promise.all(
      ids.map((id) =>
        bench.store.enqueue(
          { ...note, id, message: JSON.stringify(testMessage(id, 0)) },
          ['slack'],
          bench.clock.wall(),
        ),
      ),
    )

  it('keeps no channel silent that failed before', async () => {
    await using under = await firingBench()
    const { bench } = under
    bench.slack.breaks()
    await enqueue(bench, 'before')
    await bench.pass(1000)
    expect(bench.slack.tries).toBe(1)
    bench.clock.setBy(-2 * HOUR)
    bench.slack.mends()
    await enqueue(bench, 'after')
    await bench.pass(10_000)
    expect(bench.slack.accepted.map(({ id }) => id)).toEqual(['before', 'after'])
  })

  it('holds back no digest', async () => {
    await using under = await firingBench({ digest: { above: 2, withinMs: 10 * MINUTE, everyMs: MINUTE } })
    const { bench } = under
    bench.slack.isForPeople = true
    await enqueue(bench, 'a', 'b', 'c', 'd')
    await bench.pass(5000)
    expect(bench.slack.accepted).toHaveLength(1)
    bench.clock.setBy(-2 * HOUR)
    await enqueue(bench, 'e', 'f', 'g', 'h')
    await bench.pass(2 * MINUTE)
    const rows = await bench.store.notifications({ limit: 10 })
    expect(rows.map(({ state }) => state)).toEqual(Array.from({ length: 8 }, () => 'sent'))
  })
})

describe('a reload of the channels', () => {
  it('finishes what is under way, sends the rest the new way and fails what waits for a channel that is gone', async () => {
    await using under = await firingBench()
    const { bench } = under
    bench.slack.breaks()
    bench.email.breaks()
    await under.fire()
    const slack = new RecordingNotifier('slack')
    bench.outbox.configure({ notifiers: [slack], fallback: undefined })
    await bench.pass(MINUTE)
    expect(slack.kinds()).toEqual(['firing'])
    expect(bench.slack.tries).toBe(1)
    const rows = await bench.store.notifications({ limit: 10 })
    expect(rows.find(({ channel }) => channel === 'email')).toMatchObject({ state: 'failed' })
  })

  it('keeps no end of an incident waiting for a channel that went before it', async () => {
    await using under = await firingBench()
    const { bench } = under
    await under.fire()
    bench.outbox.configure({ notifiers: [bench.slack], fallback: undefined })
    await bench.pass(2000)
    await bench.run('ok', 'ok')
    await bench.pass(MINUTE)
    expect(bench.slack.kinds()).toEqual(['firing', 'resolved'])
    expect(await bench.store.oldestPending()).toBeUndefined()
    const rows = await bench.store.notifications({ limit: 10 })
    expect(rows.find(({ channel, kind }) => channel === 'email' && kind === 'resolved')).toMatchObject({
      state: 'failed',
      last_error: 'the channel is no longer configured',
    })
  })

  it('does not fail what waits for a channel that the next reload brought while one was under way', async () => {
    const { slack, answer } = slowSlack()
    await using under = await firingBench({ notifiers: [slack] })
    const { bench } = under
    bench.outbox.tellPastStore(testMessage('test', 0), ['slack'])
    const [next, email] = [new RecordingNotifier('slack'), new RecordingNotifier('email')]
    email.breaks()
    bench.outbox.configure({ notifiers: [next], fallback: undefined })
    bench.outbox.configure({ notifiers: [next, email], fallback: undefined })
    const note = {
      id: 'note',
      incident_id: '',
      kind: 'test',
      message: JSON.stringify({ kind: 'test' }),
    } as const
    await bench.store.enqueue(note, ['email'], bench.clock.wall())
    bench.outbox.tick()
    await vi.waitUntil(() => email.tries === 1)
    answer()
    await bench.settle()
    email.mends()
    await bench.pass(10_000)
    expect(email.kinds()).toEqual(['test'])
  })

  it('sends the new way what was told past the store and not taken yet', async () => {
    const disk = fillableDisk()
    await using under = await firingBench({
      onStep: disk.onStep,
      notifiers: [new RecordingNotifier('slack')],
    })
    const { bench } = under
    bench.slack.breaks()
    disk.isFull = true
    await under.fire()
    await bench.pass(10_000)
    const slack = new RecordingNotifier('slack')
    bench.outbox.configure({ notifiers: [slack], fallback: undefined })
    await bench.pass(1000)
    expect(slack.kinds()).toEqual(['firing'])
    disk.isFull = false
    await bench.pass(MINUTE)
    expect(slack.kinds()).toEqual(['firing'])
    expect(await bench.store.notifications({ limit: 10 })).toMatchObject([{ kind: 'firing', state: 'sent' }])
  })

  it('sends nothing twice that was under way past the store, and keeps the order of what waited', async () => {
    await using under = await firingBench({ notifiers: [new RecordingNotifier('slack')] })
    const { bench } = under
    const { slack, sent, answer } = slowSlack()
    const later = new RecordingNotifier('slack')
    bench.outbox.configure({ notifiers: [slack], fallback: undefined })
    for (const id of ['a', 'b', 'c']) bench.outbox.tellPastStore(testMessage(id, 0), ['slack'])
    await vi.waitUntil(() => sent.length === 1)
    bench.outbox.configure({ notifiers: [later], fallback: undefined })
    answer()
    await bench.pass(5000)
    expect(sent).toEqual(['a'])
    expect(later.accepted.map(({ id }) => id)).toEqual(['b', 'c'])
  })

  it('reminds a channel of what fires also while the ledger cannot be written', async () => {
    const disk = fillableDisk('before failOtherChannels')
    await using under = await firingBench({
      onStep: disk.onStep,
      notifiers: [new RecordingNotifier('slack')],
    })
    const { bench } = under
    await under.fire()
    disk.isFull = true
    const resumed: string[] = []
    const slack = Object.assign(new RecordingNotifier('slack'), {
      resume: ({ kind }: { readonly kind: string }) => void resumed.push(kind),
    })
    bench.outbox.configure({ notifiers: [slack], fallback: undefined })
    await bench.pass(1000)
    expect(resumed).toEqual(['firing'])
  })

  it('forgets nothing that was sent but could not be written yet', async () => {
    const disk = fillableDisk('before notificationSent')
    await using under = await firingBench({
      onStep: disk.onStep,
      notifiers: [new RecordingNotifier('slack')],
    })
    const { bench } = under
    disk.isFull = true
    await under.fire()
    const slack = new RecordingNotifier('slack')
    bench.outbox.configure({ notifiers: [slack], fallback: undefined })
    await bench.pass(5000)
    disk.isFull = false
    await bench.pass(5000)
    expect([...bench.slack.kinds(), ...slack.kinds()]).toEqual(['firing'])
    expect(await bench.store.notifications({ limit: 10 })).toMatchObject([{ state: 'sent' }])
    expect(await bench.store.oldestPending()).toBeUndefined()
  })
})

describe('the plan of retries', () => {
  const plan = { now: 1_000_000, random: () => 0 }

  it('grows from 5 seconds to 5 minutes and stays there', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 50].map(
      (tries) => ((nextTryAt({ tries, created_at: plan.now }, undefined, plan) ?? 0) - plan.now) / 1000,
    )
    expect(waits).toEqual([5, 15, 30, 60, 120, 300, 300, 300])
  })

  it('spreads tries by a tenth', () => {
    const late = nextTryAt({ tries: 1, created_at: plan.now }, undefined, { ...plan, random: () => 0.999 })
    expect(late).toBe(plan.now + 5500)
  })

  it('ends a day after the message was made', () => {
    const old = { tries: 9, created_at: plan.now - 24 * HOUR }
    expect(nextTryAt(old, undefined, plan)).toBeUndefined()
  })
})
