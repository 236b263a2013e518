import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { AlertStore } from '../../src/ledger/alert-store.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import type { Past, PastCallback } from '../../src/ledger/past.ts'
import { anIncident } from '../support/alert-builders.ts'
import { sampleAttempt, sampleDelivery, sampleExchange, sampleRefusal } from './ledger-samples.ts'

const HOUR = 3_600_000
/** A full hour. */
const START = Date.UTC(2026, 10, 20, 6)

export interface PastHarness extends AsyncDisposable {
  readonly ledger: Pick<Ledger, 'writer'>
  readonly alerts: Pick<AlertStore, 'openIncident'>
  /** A new reader of the same data; the ledger stays open. */
  open(): Promise<Past>
}

/** What a backtest relies on, for every store. */
export function describePast(name: string, createHarness: () => Promise<PastHarness>): void {
  describe(`the past: ${name}`, () => {
    let harness: PastHarness
    beforeEach(async () => {
      harness = await createHarness()
    })
    afterEach(() => harness[Symbol.asyncDispose]())

    const happened = (at: number, over: Parameters<typeof sampleExchange>[0] = {}): string => {
      const { writer } = harness.ledger
      const exchange = sampleExchange({ ...over, callback: { receivedAt: at } })
      writer.keep(exchange)
      writer.attempt(exchange, sampleAttempt({ startedAt: at + 1, outcome: 'http_5xx', status: 503 }))
      writer.attempt(exchange, sampleAttempt({ number: 2, via: 'rescue', startedAt: at + HOUR }))
      writer.settle(exchange, sampleDelivery({ result: 'delivered_late', answerMs: 50 }))
      return exchange.callback.id
    }

    test('callbacks come with their attempts, in the order of arrival, from a moment until before another', async () => {
      const ids = [3, 1, 0, 2].map((hour) => ({ hour, id: happened(START + hour * HOUR) }))
      await harness.ledger.writer.flush()
      await using past = await harness.open()
      const found = await all(past, START + HOUR, START + 3 * HOUR)
      const expected = [1, 2].map((hour) => ids.find((each) => each.hour === hour)?.id)
      expect(found.map(({ id }) => id)).toEqual(expected)
      expect(found[0]).toMatchObject({
        received_at: START + HOUR,
        result: 'delivered_late',
        method: 'POST',
        duplicate_of: '',
        answer_ms: 50,
        attempts: [
          { number: 1, outcome: 'http_5xx', status: 503, via: 'live', started_at: START + HOUR + 1 },
          { number: 2, outcome: 'ok', via: 'rescue', started_at: START + 2 * HOUR },
        ],
      })
      expect(await past.oldestAt()).toBe(START)
    })

    test('a past of many pages is whole and in order', async () => {
      const count = 4500
      for (let n = 0; n < count; n++) happened(START + n * 10)
      await harness.ledger.writer.flush()
      await using past = await harness.open()
      const found = await all(past, START, START + HOUR)
      expect(found).toHaveLength(count)
      expect(found.map(({ received_at }) => received_at)).toEqual(
        Array.from({ length: count }, (_, n) => START + n * 10),
      )
      expect(found.map(({ attempts }) => attempts.map(({ started_at }) => started_at))).toEqual(
        found.map(({ received_at }) => [received_at + 1, received_at + HOUR]),
      )
    })

    test('refusals, hours and incidents are those of the time asked for', async () => {
      const { alerts } = harness
      const { writer } = harness.ledger
      happened(START)
      happened(START + 90 * 60_000, { route: { id: 'other' } })
      for (const hour of [0, 1, 2]) {
        writer.refuse(
          sampleRefusal({ receivedAt: START + hour * HOUR, route: 'ivr', reason: 'signature_bad' }),
        )
      }
      await writer.flush()
      for (const hour of [0, 1, 2]) {
        await alerts.openIncident({
          incident: anIncident({
            id: `incident-${hour}`,
            route: `route-${hour}`,
            opened_at: START + hour * HOUR,
          }),
          callback_ids: [],
          notification: { id: `n-${hour}`, incident_id: `incident-${hour}`, kind: 'firing', message: '{}' },
          channels: [],
          told: [],
        })
      }
      await using past = await harness.open()
      const [from, to] = [START + HOUR, START + 2 * HOUR]
      expect(await past.refusals(from, to)).toEqual([
        { received_at: START + HOUR, route: 'ivr', reason: 'signature_bad' },
      ])
      expect(await past.incidents(from, to)).toEqual([
        { rule: 'consecutive_failures', route: 'route-1', opened_at: START + HOUR },
      ])
      const hours = await past.hours(START + HOUR)
      expect(hours.filter(({ callbacks }) => callbacks > 0)).toMatchObject([
        { route: 'other', at: START + HOUR, callbacks: 1 },
      ])
    })

    test('an empty ledger has an empty past', async () => {
      await using past = await harness.open()
      expect(await all(past, 0, START)).toEqual([])
      expect([await past.oldestAt(), await past.hours(0), await past.refusals(0, START)]).toEqual([
        undefined,
        [],
        [],
      ])
    })
  })
}

async function all(past: Past, from: number, to: number): Promise<PastCallback[]> {
  const found: PastCallback[] = []
  for await (const page of past.callbacks(from, to)) found.push(...page)
  return found
}
