import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Exchange } from '../../../src/callback/callback.ts'
import type { Forwarded, Forwarder } from '../../../src/forward/forward.ts'
import type { Recorder } from '../../../src/record.ts'
import { WaitingCalls } from '../../../src/rescue/backlog.ts'
import { Recoveries } from '../../../src/rescue/recoveries.ts'
import { RescueWorker } from '../../../src/rescue/worker.ts'
import { rescuedUntil, sampleAttempt, sampleExchange, sampleRoute } from '../../contract/ledger-samples.ts'
import { sqliteHarness } from '../../contract/sqlite-harness.ts'
import { HeldClock } from '../../support/held-clock.ts'
import { waitFor } from '../../support/wait-for.ts'

const harness = await sqliteHarness(({ stores }) => ({ rescue: stores.rescue }))
let ledger: Awaited<ReturnType<typeof harness.open>>
let clock: HeldClock
let waiting: WaitingCalls
let held: Set<string>
let worker: RescueWorker
/** With its handler at present, in the order in which they were sent, and how to end each. */
let sent: { readonly id: string; readonly end: () => void }[]

beforeEach(async () => {
  ledger = await harness.open()
  clock = new HeldClock(Date.now() + 60_000)
  waiting = new WaitingCalls()
  held = new Set()
  sent = []
  const forwarder: Pick<Forwarder, 'forward'> = {
    forward: ({ callback: { id } }) =>
      new Promise<Forwarded>((resolve) => {
        const success = sampleAttempt({ via: 'rescue' })
        sent.push({ id, end: () => resolve({ attempts: [success], success }) })
      }),
  }
  const { writer } = ledger
  const recorder: Pick<Recorder, 'attempted' | 'ended' | 'postponed'> = {
    attempted: (exchange, attempt) => writer.attempt(exchange, attempt),
    ended: (exchange, delivery) => writer.durable(writer.settle(exchange, delivery)),
    postponed: (exchange, delivery) => void writer.settle(exchange, delivery),
  }
  worker = new RescueWorker({
    clock,
    random: () => 0.5,
    queue: ledger.rescue,
    waiting,
    held,
    recoveries: new Recoveries(clock),
    forwarder: forwarder as Forwarder,
    recorder: recorder as Recorder,
    settings: () => ({ concurrency: 1, rate: 1_000_000, schedule: [1000], orderWaitMs: 3_600_000 }),
    routeOf: () => sampleRoute,
    skippedUntil: () => undefined,
    onProblem: (error) => {
      throw error
    },
  })
})
afterEach(async () => {
  for (const { end } of sent) end()
  await worker.close()
  await ledger.close()
  return harness.end()
})

async function rescued(callId: string): Promise<Exchange> {
  const exchange = sampleExchange({ facts: { callId } })
  ledger.writer.keep(exchange)
  waiting.enter({ route: sampleRoute.id, callId, bytes: 1 }, clock.wall())
  await ledger.writer.durable(ledger.writer.settle(exchange, rescuedUntil(clock.wall() - 1)))
  return exchange
}

/** What whoever shares the ledger could take after so long, because its lease has run out by then. */
async function takeableIn(ms: number): Promise<readonly string[]> {
  const { leased } = await ledger.rescue.take({
    nowMs: clock.wall() + ms,
    leaseMs: 1,
    orderWaitMs: 3_600_000,
    wanted: [{ route: sampleRoute.id, limit: 100 }],
  })
  return leased.map(({ kept }) => kept.callback.id)
}

const sentOnes = (count: number) => waitFor(`${count} sent`, () => sent.length === count)

test('whatever is sent is leased for as long as that may take, however long it stood in line', async () => {
  await rescued('first')
  const second = await rescued('second')
  worker.wake()
  await sentOnes(1)
  clock.advance(20_000)
  sent[0]?.end()
  await sentOnes(2)
  expect(sent[1]?.id).toBe(second.callback.id)
  expect(await takeableIn(14_000)).toEqual([])
})

test('what becomes due again while it is with its handler, because a clock was set, is delivered once', async () => {
  const first = await rescued('first')
  worker.wake()
  await sentOnes(1)
  clock.advance(3_600_000)
  const second = await rescued('second')
  worker.wake()
  await waitFor('the first leased anew', async () => (await takeableIn(20_000)).length === 0)
  sent[0]?.end()
  await sentOnes(2)
  expect(sent.map(({ id }) => id)).toEqual([first, second].map(({ callback }) => callback.id))
  sent[1]?.end()
  await waitFor('nothing waits', () => waiting.rows === 0)
  expect(sent).toHaveLength(2)
})

test('what is with its handler already is given back', async () => {
  const first = await rescued('first')
  const second = await rescued('second')
  held.add(first.callback.id)
  worker.wake()
  await sentOnes(1)
  expect(sent[0]?.id).toBe(second.callback.id)
  await waitFor('the first given back', async () => (await takeableIn(1_500)).includes(first.callback.id))
})
