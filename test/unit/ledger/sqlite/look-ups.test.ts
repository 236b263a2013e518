import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { timeOfId } from '../../../../src/callback/id.ts'
import type { CallbackFilter } from '../../../../src/ledger/rows.ts'
import type { SqliteLedger } from '../../../../src/ledger/sqlite/sqlite-ledger.ts'
import { failed, sampleDelivery, sampleExchange } from '../../../contract/ledger-samples.ts'
import { pickSeed, seededRandom } from '../../../support/random.ts'
import { createLedgerFile, type LedgerFile, TO_VERSION_10 } from './ledger-file.ts'

const HOUR_MS = 3_600_000

let file: LedgerFile
let random: () => number
let seed: number
beforeEach(async () => {
  file = await createLedgerFile()
  seed = pickSeed()
  random = seededRandom(seed)
})
afterEach(() => file.end())

interface Known {
  readonly id: string
  readonly route: string
  readonly event: string
  readonly call: string
  readonly isFailed: boolean
}

const oneOf = (names: readonly string[]): string => names[Math.floor(random() * names.length)] ?? ''

/** Writes callbacks of a few routes, events and calls, some of which arrived long before the others. */
async function write({ writer }: SqliteLedger, count: number, routes = ['a', 'b', 'c']): Promise<Known[]> {
  const known: Known[] = []
  for (let i = 0; i < count; i++) {
    const call = random() < 0.05 ? oneOf(['mine', 'yours']) : random() < 0.2 ? '' : `call-${i}`
    const [route, event] = [oneOf(routes), oneOf(['Hangup', 'StartApp', ''])]
    const receivedAt = Date.now() - (random() < 0.02 ? Math.floor(random() * HOUR_MS) : 0)
    const exchange = sampleExchange({
      callback: { receivedAt },
      route: { id: route },
      facts: { event, callId: call },
    })
    const isFailed = random() < 0.3
    writer.keep(exchange)
    writer.settle(exchange, isFailed ? failed : sampleDelivery())
    known.push({ id: exchange.callback.id, route, event, call, isFailed })
    if (random() < 0.005) await writer.flush()
  }
  await writer.flush()
  return known
}

/** Asks for everything in every way, page by page. */
async function expectFound({ reader }: SqliteLedger, all: readonly Known[]): Promise<void> {
  const newest = all.toSorted((a, b) => (a.id < b.id ? 1 : -1))
  for (const call of ['mine', 'yours', 'nobody']) {
    const wanted = newest.filter((each) => each.call === call).map(({ id }) => id)
    expect([seed, ...(await reader.call(call)).map(({ id }) => id)]).toEqual([seed, ...wanted.toReversed()])
  }
  const filters: Omit<CallbackFilter, 'limit'>[] = [
    { route: 'a' },
    { route: 'a', event: 'Hangup' },
    { event: 'StartApp' },
    { route: 'b', result: 'delivered' },
    { event: 'Hangup', result: 'delivered' },
    { event: 'Hangup', result: 'failed' },
    { route: 'nowhere' },
    { event: 'never' },
    { route: 'c', since: Date.now() - HOUR_MS / 2, until: Date.now() - HOUR_MS / 10 },
  ]
  for (const filter of filters) {
    const { route, event, result, since = 0, until = Infinity } = filter
    const wanted = newest.filter(
      (each) =>
        (route ?? each.route) === each.route &&
        (event ?? each.event) === each.event &&
        (result === undefined || (result === 'failed') === each.isFailed) &&
        timeOfId(each.id) >= since &&
        timeOfId(each.id) < until,
    )
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await reader.callbacks({ ...filter, limit: 700, after })
      seen.push(...page.rows.map(({ id }) => id))
      after = page.next ?? undefined
    } while (after !== undefined)
    expect({ seed, filter, seen }).toEqual({ seed, filter, seen: wanted.map(({ id }) => id) })
  }
}

function count(sql: string): number {
  const db = new DatabaseSync(file.path, { readOnly: true })
  try {
    return Number(db.prepare(`SELECT count(*) AS n FROM ${sql}`).get()?.['n'])
  } finally {
    db.close()
  }
}

test('callbacks are found by call, route and event, whether they are in the look-up tables yet or not', async () => {
  const ledger = await file.open()
  const all = await write(ledger, 900)
  expect(count('calls')).toBe(0)
  await expectFound(ledger, all)
  all.push(...(await write(ledger, 4000)))
  expect(count('route_events')).toBeGreaterThan(3000)
  expect(count('route_events')).toBeLessThan(4900)
  await expectFound(ledger, all)
  expect(
    count('calls JOIN callbacks USING (id) WHERE hash <> call_hash OR calls.bucket <> callbacks.bucket'),
  ).toBe(0)
  await ledger.close()
  const again = await file.open()
  all.push(...(await write(again, 1500)))
  await expectFound(again, all)
})

test('with many routes callbacks wait for longer, so that those of one route are taken in together, and are found', async () => {
  // With 512 to 767 routes the step is twice as long; so many of 760 have come before the first one is due.
  const many = ['a', 'b', 'c', ...Array.from({ length: 757 }, (_, n) => `route-${n}`)]
  const ledger = await file.open()
  const all = await write(ledger, 2500, many)
  expect([seed, count('route_events') < 200]).toEqual([seed, true]) // those alone that came late
  expect(count('calls')).toBeGreaterThan(1000)
  await expectFound(ledger, all)
  all.push(...(await write(ledger, 1500, many)))
  expect(count('route_events')).toBeGreaterThan(3000)
  await expectFound(ledger, all)
})

test('what retention deletes leaves nothing in the look-up tables', async () => {
  const ledger = await file.open()
  await write(ledger, 3500)
  const nowMs = Date.now() + HOUR_MS
  await ledger.retention.prune({ beforeMs: nowMs, maxBytes: 1e12, nowMs })
  await ledger.close()
  expect([count('callbacks'), count('calls'), count('route_events')]).toEqual([0, 0, 0])
})

test('callbacks of a ledger from before there were look-up tables are found in them', async () => {
  const before = await file.open()
  const all = await write(before, 2500)
  await before.close()
  const db = new DatabaseSync(file.path)
  db.exec(TO_VERSION_10)
  db.close()
  const ledger = await file.open()
  expect(count('route_events')).toBe(2500)
  expect(count(`state WHERE calls_to = '' OR route_events_to = ''`)).toBe(0)
  expect(
    count(
      `sqlite_schema WHERE name IN ('callbacks_by_call', 'callbacks_by_event', 'callbacks_by_route_event')`,
    ),
  ).toBe(0)
  all.push(...(await write(ledger, 500)))
  await expectFound(ledger, all)
})
