import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Exchange } from '../../src/callback/callback.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import type { Leased, RescueQueue, Wanted } from '../../src/ledger/rescue-queue.ts'
import { rescuedUntil, sampleAttempt, sampleDelivery, sampleExchange } from './ledger-samples.ts'

export interface RescueHarness {
  open(): Promise<Ledger & { readonly rescue: RescueQueue }>
  end(): Promise<void>
}

const LEASE_MS = 30_000
const ORDER_WAIT_MS = 3_600_000

/** What every implementation of the rescue queue promises. */
export function describeRescueQueue(name: string, createHarness: () => Promise<RescueHarness>): void {
  describe(`rescue queue: ${name}`, () => {
    let harness: RescueHarness
    let ledger: Awaited<ReturnType<RescueHarness['open']>>
    let queue: RescueQueue
    let nowMs: number
    beforeEach(async () => {
      nowMs = Date.now() + 60_000
      harness = await createHarness()
      ledger = await harness.open()
      queue = ledger.rescue
    })
    afterEach(async () => {
      await ledger.close()
      await harness.end()
    })

    const settle = async (
      exchange: Exchange,
      delivery: Partial<Parameters<typeof sampleDelivery>[0]>,
    ): Promise<void> => ledger.writer.durable(ledger.writer.settle(exchange, sampleDelivery(delivery)))
    const rescue = async (callId: string, dueAt = nowMs, route = 'app-1'): Promise<Exchange> => {
      const exchange = sampleExchange({ facts: { callId }, route: { id: route } })
      ledger.writer.keep(exchange)
      await settle(exchange, rescuedUntil(dueAt))
      return exchange
    }
    const take = async (at = nowMs, wanted: Partial<Wanted> = {}): Promise<readonly Leased[]> =>
      (
        await queue.take({
          nowMs: at,
          leaseMs: LEASE_MS,
          orderWaitMs: ORDER_WAIT_MS,
          wanted: [{ route: 'app-1', limit: 100, ...wanted }],
        })
      ).leased
    const nextDueAt = async (): Promise<number | undefined> =>
      (
        await queue.take({
          nowMs: 0,
          leaseMs: LEASE_MS,
          orderWaitMs: ORDER_WAIT_MS,
          wanted: [{ route: 'app-1', limit: 1 }],
        })
      ).nextDueAt
    const idsOf = async (rows: ReturnType<typeof take>): Promise<string[]> =>
      (await rows).map(({ kept }) => kept.callback.id)
    const reopen = async (): Promise<void> => {
      await ledger.close()
      ledger = await harness.open()
      queue = ledger.rescue
    }

    test('what is due is taken with all its bytes and facts, once', async () => {
      const exchange = await rescue('call-1')
      await rescue('later', nowMs + 1)
      const [leased] = await take()
      const { startedAt: _, ...callback } = exchange.callback
      expect(leased).toMatchObject({ retries: 0, kept: { route: 'app-1', kind: 'notify' } })
      expect(leased?.kept.facts).toEqual({ ...exchange.facts, discriminator: '' })
      expect(leased?.kept.callback).toMatchObject({ ...callback, body: new Uint8Array(callback.body) })
      expect(await take()).toEqual([])
      expect(await nextDueAt()).toBe(nowMs + 1)
    })

    test('callbacks of one call are taken one after the other, in order of arrival', async () => {
      const [first, second, third] = [
        await rescue('a', nowMs),
        await rescue('a', nowMs - 500),
        await rescue('a'),
      ]
      const others = [await rescue('b'), await rescue(''), await rescue('')]
      const taken = await idsOf(take())
      expect(taken.toSorted()).toEqual([first, ...others].map(({ callback }) => callback.id).toSorted())
      expect(await nextDueAt()).toBe(nowMs + LEASE_MS)
      ledger.writer.attempt(first, sampleAttempt({ via: 'rescue', number: 2 }))
      await settle(first, { result: 'delivered_late' })
      expect(await idsOf(take())).toEqual([second.callback.id])
      expect((await ledger.reader.callback(first.callback.id))?.result).toBe('delivered_late')
      await reopen()
      const free = [second, ...others].map(({ callback }) => callback.id).toSorted()
      expect((await idsOf(take())).toSorted()).toEqual(free)
      await settle(second, { result: 'delivered_late' })
      expect(await idsOf(take())).toContain(third.callback.id)
    })

    test('an earlier callback that comes to wait later goes before', async () => {
      const early = sampleExchange({ facts: { callId: 'a' } })
      ledger.writer.keep(early)
      const late = await rescue('a')
      await settle(early, rescuedUntil(nowMs))
      expect(await idsOf(take())).toEqual([early.callback.id])
      await settle(early, { result: 'delivered_late' })
      expect(await idsOf(take())).toEqual([late.callback.id])
    })

    test('a callback that has waited behind others for too long waits for them no more', async () => {
      const [first, second] = [await rescue('a', nowMs + 1e9), await rescue('a')]
      expect(await take()).toEqual([])
      expect(await idsOf(take(nowMs + ORDER_WAIT_MS))).toEqual([second.callback.id])
      expect(first.callback.id < second.callback.id).toBe(true)
    })

    test('a lease that ran out is taken again, and its old holder has lost it', async () => {
      const exchange = await rescue('a')
      const { id } = exchange.callback
      const [old] = await take()
      const [current] = await take(nowMs + LEASE_MS)
      expect(current?.kept.callback.id).toBe(id)
      const late = { ...rescuedUntil(nowMs), fence: old!.fence }
      await expect(settle(exchange, late)).rejects.toThrow(/not in the ledger/)
      await expect(settle(exchange, { ...late, result: 'dead' })).rejects.toThrow(/not in the ledger/)
      expect(await ledger.reader.callback(id)).toMatchObject({ result: 'rescued' })
      expect(await nextDueAt()).toBe(nowMs + 2 * LEASE_MS)
      await settle(exchange, { ...rescuedUntil(nowMs + 7), fence: current!.fence })
      expect(await nextDueAt()).toBe(nowMs + 7)
      expect(await take(nowMs + 7)).toMatchObject([{ retries: 1 }])
    })

    test('a lease given back unused is due when it says, and counts no retry', async () => {
      const { id } = (await rescue('a')).callback
      const [leased] = await take()
      await queue.release([{ id, fence: leased!.fence, dueAt: nowMs + 3 }])
      await queue.release([{ id, fence: leased!.fence, dueAt: nowMs }])
      expect(await take()).toEqual([])
      expect(await take(nowMs + 3)).toMatchObject([{ retries: 0, kept: { callback: { id } } }])
    })

    test('when a target recovers, what was tried before that is taken before it is due', async () => {
      const exchange = await rescue('a', nowMs + 1e9)
      expect(await take(nowMs)).toEqual([])
      expect(await take(nowMs, { triedBefore: 1 })).toEqual([])
      const [leased] = await take(nowMs, { triedBefore: nowMs })
      expect(leased?.kept.callback.id).toBe(exchange.callback.id)
      expect(await take(nowMs, { triedBefore: nowMs + 1 })).toEqual([])
    })

    test('a lease that a crash cut off leaves an unknown attempt, and the callback is due at once', async () => {
      const { id } = (await rescue('a')).callback
      await take()
      await reopen()
      expect(await ledger.reader.callback(id)).toMatchObject({ result: 'rescued', last_outcome: 'unknown' })
      expect(await ledger.reader.attempts(id)).toMatchObject([{ via: 'rescue', outcome: 'unknown' }])
      expect(await take(Date.now() + 1)).toMatchObject([{ kept: { attempts: 1, callback: { id } } }])
    })

    test('dead letters keep their bytes and a reason, hold nobody up, and can be requeued or discarded', async () => {
      const [first, second] = [await rescue('a'), await rescue('a')]
      const { id } = first.callback
      const [leased] = await take()
      await settle(first, { result: 'dead', lastOutcome: 'http_4xx', fence: leased!.fence })
      expect(await ledger.reader.callback(id)).toMatchObject({ result: 'dead' })
      expect(await queue.deadLetters({ limit: 10 })).toMatchObject([
        { id, route: 'app-1', call_id: 'a', reason: 'http_4xx' },
      ])
      expect(await queue.deadLetters({ limit: 10, after: id })).toEqual([])
      expect(await queue.deadLetters({ route: 'other', limit: 10 })).toEqual([])
      expect(await queue.kept([id, 'no such'])).toMatchObject([{ callback: { id }, facts: { callId: 'a' } }])
      expect(await queue.requeue([id, 'no such'], 'handler mended', nowMs)).toMatchObject([
        { id, route: 'app-1', call_id: 'a' },
      ])
      expect(await ledger.reader.callback(id)).toMatchObject({ result: 'rescued', reason: 'handler mended' })
      const [again] = await take()
      expect(again).toMatchObject({ retries: 0, kept: { callback: { id } } })
      await settle(first, { result: 'dead', fence: again!.fence })
      expect(await idsOf(take())).toEqual([second.callback.id])
      expect(await queue.discard([id, 'no such'], 'call is over')).toEqual([id])
      expect(await queue.deadLetters({ limit: 10 })).toEqual([])
      expect(await ledger.reader.callback(id)).toMatchObject({ result: 'dead', reason: 'call is over' })
    })

    test('the backlog is counted by route and by call, and survives a restart', async () => {
      const oldest = await rescue('a')
      await rescue('a')
      await rescue('')
      const gone = await rescue('c', nowMs, 'other')
      await settle(gone, { result: 'dead' })
      await reopen()
      const { receivedAt, body } = oldest.callback
      expect(await queue.backlog()).toMatchObject([
        { route: 'app-1', waiting: 3, dead: 0, oldest_at: receivedAt },
        { route: 'other', waiting: 0, dead: 1, oldest_at: undefined },
      ])
      expect((await queue.backlog())[0]?.bytes).toBeGreaterThan(3 * body.length)
      expect(await queue.lanes()).toMatchObject([
        { route: 'app-1', call_id: '', waiting: 1 },
        { route: 'app-1', call_id: 'a', waiting: 2, oldest_at: receivedAt },
      ])
    })
  })
}
