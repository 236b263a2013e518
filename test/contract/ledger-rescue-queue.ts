import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Exchange } from '../../src/callback/callback.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import type { RescueQueue } from '../../src/ledger/rescue-queue.ts'
import { rescuedUntil, sampleAttempt, sampleDelivery, sampleExchange } from './ledger-samples.ts'

export interface RescueHarness {
  open(): Promise<Ledger & { readonly rescue: RescueQueue }>
  end(): Promise<void>
}

const LEASE_MS = 30_000

/** What every implementation of the rescue queue promises. */
export function describeRescueQueue(name: string, createHarness: () => Promise<RescueHarness>): void {
  describe(`rescue queue: ${name}`, () => {
    let harness: RescueHarness
    let ledger: Awaited<ReturnType<RescueHarness['open']>>
    let queue: RescueQueue
    const nowMs = Date.now() + 60_000
    beforeEach(async () => {
      harness = await createHarness()
      ledger = await harness.open()
      queue = ledger.rescue
    })
    afterEach(async () => {
      await ledger.close()
      await harness.end()
    })

    const rescue = async (callId: string, dueAt = nowMs, route = 'app-1'): Promise<Exchange> => {
      const exchange = sampleExchange({ facts: { callId }, route: { id: route } })
      ledger.writer.keep(exchange)
      await ledger.writer.durable(ledger.writer.settle(exchange, rescuedUntil(dueAt)))
      return exchange
    }
    const take = (options: Partial<Parameters<RescueQueue['take']>[0]> = {}) =>
      queue.take({ nowMs, leaseMs: LEASE_MS, limit: 100, ...options })
    const deliver = async (exchange: Exchange): Promise<void> => {
      ledger.writer.attempt(exchange, sampleAttempt({ via: 'rescue', number: 2 }))
      await ledger.writer.durable(
        ledger.writer.settle(exchange, sampleDelivery({ result: 'delivered_late' })),
      )
    }
    const idsOf = async (rows: ReturnType<typeof take>): Promise<string[]> =>
      (await rows).map(({ callback }) => callback.id)

    test('what is due is taken with all its bytes, once', async () => {
      const exchange = await rescue('call-1')
      await rescue('later', nowMs + 1)
      const [leased] = await take()
      const { startedAt: _, ...callback } = exchange.callback
      expect(leased).toMatchObject({ route: 'app-1', event: 'call.completed', call_id: 'call-1', retries: 0 })
      expect(leased?.callback).toMatchObject({ ...callback, body: new Uint8Array(callback.body) })
      expect(await take()).toEqual([])
      expect(await queue.nextDueAt()).toBe(nowMs + 1)
    })

    test('callbacks of one call are taken one after the other, in order of arrival', async () => {
      const [first, second] = [await rescue('a', nowMs), await rescue('a', nowMs - 500)]
      const other = await rescue('b')
      const alone = await rescue('')
      const stranger = await rescue('')
      const taken = await idsOf(take())
      expect(taken.toSorted()).toEqual(
        [first, other, alone, stranger].map(({ callback }) => callback.id).toSorted(),
      )
      expect(await queue.nextDueAt()).toBe(nowMs + LEASE_MS)
      await deliver(first)
      expect(await idsOf(take())).toEqual([second.callback.id])
      expect((await ledger.reader.callback(first.callback.id))?.result).toBe('delivered_late')
      expect(await queue.lanes()).toContainEqual({ route: 'app-1', call_id: 'a', waiting: 1 })
    })

    test('a lease that ran out is taken again, and its old holder has lost it', async () => {
      const { id } = (await rescue('a')).callback
      const [old] = await take()
      const [current] = await take({ nowMs: nowMs + LEASE_MS })
      expect(current?.callback.id).toBe(id)
      expect(await queue.reschedule(id, old?.fence ?? 0, nowMs)).toBe(false)
      expect(await queue.bury(id, old?.fence ?? 0, 'old', nowMs)).toBe(false)
      expect(await queue.reschedule(id, current?.fence ?? 0, nowMs + 7)).toBe(true)
      expect(await queue.nextDueAt()).toBe(nowMs + 7)
      expect(await take({ nowMs: nowMs + 7 })).toMatchObject([{ retries: 1 }])
    })

    test('a lease given back unused is due again and counts no retry', async () => {
      const { id } = (await rescue('a')).callback
      const [leased] = await take()
      await queue.release(id, leased?.fence ?? 0)
      expect(await take()).toMatchObject([{ retries: 0, callback: { id } }])
    })

    test('routes and limits narrow what is taken', async () => {
      await rescue('a', nowMs, 'x')
      await rescue('b', nowMs, 'y')
      await rescue('c', nowMs, 'y')
      expect(await take({ routes: ['z'] })).toEqual([])
      expect(await take({ routes: ['y'], limit: 1 })).toMatchObject([{ route: 'y', call_id: 'b' }])
    })

    test('dead letters keep their bytes and a reason, hold nobody up, and can be requeued or discarded', async () => {
      const [first, second] = [await rescue('a'), await rescue('a')]
      const { id } = first.callback
      const [leased] = await take()
      expect(await queue.bury(id, leased?.fence ?? 0, 'answered 410', nowMs)).toBe(true)
      expect(await ledger.reader.callback(id)).toMatchObject({ result: 'dead' })
      expect(await queue.deadLetters({ limit: 10 })).toMatchObject([
        { id, route: 'app-1', call_id: 'a', reason: 'answered 410', dead_at: nowMs },
      ])
      expect(await queue.deadLetters({ route: 'other', limit: 10 })).toEqual([])
      expect(await idsOf(take())).toEqual([second.callback.id])
      expect(await queue.requeue([id, 'no such'], 'handler mended', nowMs)).toBe(1)
      expect(await ledger.reader.callback(id)).toMatchObject({ result: 'rescued', reason: 'handler mended' })
      const [again] = await take()
      expect(again).toMatchObject({ retries: 0, callback: { id } })
      await queue.bury(id, again?.fence ?? 0, 'again', nowMs)
      expect(await queue.discard([id], 'call is over', nowMs)).toBe(1)
      expect(await queue.deadLetters({ limit: 10 })).toEqual([])
      expect(await ledger.reader.callback(id)).toMatchObject({ result: 'dead', reason: 'call is over' })
    })

    test('the backlog is counted by route and survives a restart', async () => {
      const oldest = await rescue('a')
      await rescue('b')
      const gone = await rescue('c', nowMs, 'other')
      const [leased] = await take({ routes: ['other'] })
      await queue.bury(gone.callback.id, leased?.fence ?? 0, 'gone', nowMs)
      await ledger.close()
      ledger = await harness.open()
      queue = ledger.rescue
      expect(await queue.backlog()).toMatchObject([
        { route: 'app-1', waiting: 2, dead: 0, oldest_at: oldest.callback.receivedAt },
        { route: 'other', waiting: 0, dead: 1, oldest_at: undefined },
      ])
      expect((await queue.backlog())[0]?.bytes).toBeGreaterThan(2 * oldest.callback.body.length)
    })
  })
}
