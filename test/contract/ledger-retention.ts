import { randomBytes } from 'node:crypto'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Ledger } from '../../src/ledger/ledger.ts'
import {
  refused,
  rescuedUntil,
  sampleAttempt,
  sampleDelivery,
  sampleExchange,
  sampleRefusal,
} from './ledger-samples.ts'
import type { LedgerHarness } from './ledger.ts'

const HOUR = 3_600_000
/** More than any ledger takes here. */
const NO_LIMIT = 1e12

/** What every implementation of the ledger promises of what it deletes. */
export function describeRetention(name: string, createHarness: () => Promise<LedgerHarness>): void {
  describe(`retention: ${name}`, () => {
    let harness: LedgerHarness
    let ledger: Ledger
    beforeEach(async () => {
      harness = await createHarness()
      ledger = await harness.open({ bodies: 'full' })
    })
    afterEach(async () => {
      await ledger.close()
      await harness.end()
    })

    const bytes = async (): Promise<number> => (await ledger.reader.counts()).bytes
    const callbacks = async (): Promise<number> => (await ledger.reader.counts()).callbacks

    /** Callbacks of one batch that were delivered. */
    const deliver = async (count: number, ageMs: number, body = Buffer.alloc(0)) => {
      const receivedAt = Date.now() - ageMs
      const all = Array.from({ length: count }, () => sampleExchange({ callback: { receivedAt, body } }))
      for (const exchange of all) {
        ledger.writer.keep(exchange)
        ledger.writer.attempt(exchange, sampleAttempt())
        ledger.writer.settle(exchange, sampleDelivery())
      }
      await ledger.writer.flush()
      return all.map(({ callback }) => callback.id)
    }

    /** A callback of an hour ago that was tried again and again, each reply written in a batch of its own. */
    const tryAgain = async (times: number): Promise<string> => {
      const exchange = sampleExchange({ callback: { receivedAt: Date.now() - HOUR } })
      ledger.writer.keep(exchange)
      for (let number = 1; number <= times; number++) {
        const reply = { status: 503, headers: [], body: randomBytes(12_000) }
        ledger.writer.attempt(exchange, sampleAttempt({ number, outcome: 'http_5xx', status: 503, reply }))
        await ledger.writer.flush()
      }
      ledger.writer.settle(exchange, sampleDelivery())
      await ledger.writer.flush()
      return exchange.callback.id
    }

    test('what is old goes, then the oldest until the rest fits, and what waits to be delivered stays', async () => {
      const { writer, reader, retention } = ledger
      const nowMs = Date.now()
      const body = Buffer.alloc(8000, 'x')
      const waiting = sampleExchange({ callback: { receivedAt: nowMs - 5 * HOUR, body } })
      writer.keep(waiting)
      writer.settle(waiting, rescuedUntil(nowMs))
      const old = await deliver(600, 4 * HOUR, body)
      const fresh = await deliver(300, HOUR, body)
      expect(await callbacks()).toBe(901)
      const options = { beforeMs: nowMs - 3 * HOUR, maxBytes: NO_LIMIT, nowMs }
      expect(await retention.prune(options)).toBe(600)
      const left = await reader.callbacks({ limit: 100, until: nowMs - 3 * HOUR })
      expect(left.rows.map(({ id }) => id)).toEqual([waiting.callback.id])
      expect(await reader.attempts(old[0] ?? '')).toEqual([])
      expect(await callbacks()).toBe(301)
      const pruned = await retention.prune({ ...options, maxBytes: (await bytes()) - 1 })
      expect(pruned).toBeGreaterThan(0)
      expect(await callbacks()).toBe(301 - pruned)
      expect(await reader.callback(waiting.callback.id)).toMatchObject({ result: 'rescued' })
      expect((await reader.callbacks({ limit: 1 })).rows[0]?.id).toBe(fresh.toSorted().at(-1))
    })

    test('messages go with their callbacks, however many batches they were written in', async () => {
      const empty = await bytes()
      await tryAgain(250)
      expect(await bytes()).toBeGreaterThan(empty + 250 * 12_000)
      const beforeMs = Date.now() + 1000
      expect(await ledger.retention.prune({ beforeMs, maxBytes: NO_LIMIT, nowMs: beforeMs })).toBe(1)
      expect(await bytes()).toBeLessThan(empty + 10 * 12_000)
    })

    test('for room no more callbacks are deleted than have to be, however many batches messages were written in', async () => {
      const maxBytes = (await bytes()) + 1_000_000
      const old = await tryAgain(330)
      const fresh = await deliver(300, 0)
      const nowMs = Date.now() + 1000
      const deleted = await ledger.retention.prune({ beforeMs: 0, maxBytes, nowMs })
      expect(await bytes()).toBeLessThanOrEqual(maxBytes)
      expect(deleted).toBeLessThan(300)
      expect(await ledger.reader.callback(old)).toBeUndefined()
      expect(await ledger.reader.callback(fresh.at(-1) ?? '')).toMatchObject({ result: 'delivered' })
    })

    test('refused requests go by age as callbacks do, also where there are many more of them', async () => {
      await deliver(1, 3 * HOUR)
      const receivedAt = Date.now() - 2 * HOUR
      for (let i = 0; i < 600; i++) ledger.writer.refuse(sampleRefusal({ receivedAt }))
      const young = sampleRefusal()
      ledger.writer.refuse(young)
      await ledger.writer.flush()
      const nowMs = Date.now()
      await ledger.retention.prune({ beforeMs: nowMs - HOUR, maxBytes: NO_LIMIT, nowMs })
      const { rows } = await ledger.reader.callbacks({ limit: 10 })
      expect(rows.map(({ id }) => id)).toEqual([young.id])
    })

    test('a callback that is with its handler stays with its attempts, however little room there is', async () => {
      const { writer, reader, retention } = ledger
      const underWay = sampleExchange({ facts: { callId: 'mine' } })
      const { id } = underWay.callback
      await deliver(10, HOUR)
      writer.keep(underWay)
      await writer.flush()
      writer.attempt(underWay, refused)
      await deliver(10, 0)
      const nowMs = Date.now() + 1000
      expect(await retention.prune({ beforeMs: nowMs, maxBytes: 1, nowMs })).toBe(20)
      expect(await reader.call('mine')).toMatchObject([{ id, result: 'pending', attempts: 1 }])
      expect(await reader.attempts(id)).toMatchObject([{ number: 1, outcome: 'refused' }])
      await writer.durable(writer.settle(underWay, rescuedUntil(Date.now())))
      expect(await reader.callback(id)).toMatchObject({ result: 'rescued', attempts: 1 })
      writer.settle(underWay, sampleDelivery())
      await writer.flush()
      expect(await retention.prune({ beforeMs: nowMs, maxBytes: NO_LIMIT, nowMs })).toBe(1)
      expect(await callbacks()).toBe(0)
    })
  })
}
