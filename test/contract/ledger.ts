import { headerPairsOf } from '../../src/callback/header-text.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Ledger, LedgerEvents, Registration } from '../../src/ledger/ledger.ts'
import type { CallbackFilter } from '../../src/ledger/rows.ts'
import { eventRowsOf, guardRowsOf } from '../../src/ledger/stored/guard-text.ts'
import {
  failed,
  fallback,
  primary,
  refused,
  rescuedUntil,
  sampleAttempt,
  sampleDelivery,
  sampleExchange,
  sampleRefusal,
} from './ledger-samples.ts'
import { pickSeed, seededRandom } from '../support/random.ts'

/** One store that every test opens anew. */
export interface LedgerHarness {
  /** Opens the same data again after the ledger before was closed. */
  open(options?: {
    readonly events?: LedgerEvents
    readonly bodies?: 'full' | 'redacted' | 'none'
    readonly bodyLimit?: number
    readonly refusalLimit?: number
  }): Promise<Ledger>
  /** Deletes the data. */
  end(): Promise<void>
}

const HOUR = 3_600_000

/** What every implementation of the ledger promises. */
export function describeLedger(name: string, createHarness: () => Promise<LedgerHarness>): void {
  describe(`ledger: ${name}`, () => {
    let harness: LedgerHarness
    let ledger: Ledger
    beforeEach(async () => {
      harness = await createHarness()
      ledger = await harness.open()
    })
    afterEach(async () => {
      await ledger.close()
      await harness.end()
    })

    const reopen = async (options?: Parameters<LedgerHarness['open']>[0]): Promise<void> => {
      await ledger.close()
      ledger = await harness.open(options)
    }
    const ids = async (filter: Partial<CallbackFilter>): Promise<string[]> =>
      (await ledger.reader.callbacks({ limit: 100, ...filter })).rows.map(({ id }) => id)
    const row = async (id: string) => (await ledger.reader.callback(id))!

    test('a callback, its attempts and what became of it are read back', async () => {
      const exchange = sampleExchange({ exchange: { traceparent: '00-1-2-01', duplicateOf: 'earlier' } })
      const { id } = exchange.callback
      const { writer } = ledger
      await writer.durable(writer.keep(exchange))
      expect(await row(id)).toMatchObject({
        result: 'pending',
        attempts: 0,
        route: 'app-1',
        call_id: 'call-1',
      })
      writer.attempt(exchange, refused)
      writer.attempt(exchange, sampleAttempt({ number: 2, target: fallback }))
      await writer.durable(writer.settle(exchange, sampleDelivery({ answerMs: 21.5 })))
      expect(await row(id)).toMatchObject({
        result: 'delivered',
        blame: '',
        attempts: 2,
        last_outcome: 'ok',
        answer_status: 200,
        answer_ms: 21.5,
        verdict: 'verified',
        body_bytes: exchange.callback.body.length,
        duplicate_of: 'earlier',
        traceparent: '00-1-2-01',
        next_attempt_at: null,
        request: {
          headers: headerPairsOf(exchange.callback.headers),
          is_redacted: true,
          is_truncated: false,
        },
        attempt_rows: [
          { number: 1, target: 'primary', outcome: 'refused', error: 'connection refused', reply: null },
          {
            number: 2,
            target: 'fallback',
            url: fallback.label,
            outcome: 'ok',
            dns_ms: null,
            connect_ms: 0.5,
            first_byte_ms: 12.25,
            reply: { body: 'fine', body_bytes: 4 },
          },
        ],
      })
      const retried = await ledger.reader.callbacks({ limit: 9, retried: true })
      expect(retried.rows.map((each) => each.id)).toEqual([id])
    })

    test('handed over at once or piece by piece, the same stands in the ledger', async () => {
      const [whole, pieces] = [sampleExchange(), sampleExchange()]
      const { writer } = ledger
      for (const exchange of [whole, pieces]) {
        for (const write of [
          () => writer.keep(exchange),
          () => writer.attempt(exchange, refused),
          () => writer.settle(exchange, failed),
        ]) {
          const ticket = write()
          if (exchange === pieces) await writer.durable(ticket)
        }
      }
      await writer.flush()
      const [a, b] = [await row(whole.callback.id), await row(pieces.callback.id)]
      const common = { id: '', received_at: 0, attempt_rows: [] }
      expect({ ...a, ...common }).toEqual({ ...b, ...common })
      expect(a.attempt_rows).toHaveLength(1)
      expect((await ledger.reader.routes(Date.now() - HOUR))[0]).toMatchObject({ callbacks: 2, failed: 2 })
    })

    test('tickets rise, and a durable one makes all before it durable', async () => {
      const exchange = sampleExchange()
      const first = ledger.writer.keep(exchange)
      const second = ledger.writer.attempt(exchange, sampleAttempt())
      expect(second).toBeGreaterThan(first)
      await ledger.writer.durable(second)
      await ledger.writer.durable(first)
      expect((await row(exchange.callback.id)).attempts).toBe(1)
      expect(ledger.writer.health()).toEqual({ isWritable: true, problem: '', queued: 0 })
    })

    test('rows that nobody waits for are committed soon', async () => {
      const exchange = sampleExchange()
      ledger.writer.keep(exchange)
      await expect.poll(() => ledger.writer.health().queued).toBe(0)
      expect(await ids({})).toEqual([exchange.callback.id])
    })

    test('a rescued callback whose bytes are not there is not promised', async () => {
      const stranger = sampleExchange()
      const known = sampleExchange()
      const { writer } = ledger
      writer.keep(known)
      await writer.durable(writer.settle(known, rescuedUntil(Date.now() + 1000)))
      await expect(writer.durable(writer.settle(stranger, rescuedUntil(Date.now())))).rejects.toThrow(/bytes/)
    })

    test('pages are stable while rows arrive, and filters agree with each other', async () => {
      const { writer } = ledger
      const wanted: string[] = []
      for (let i = 0; i < 30; i++) {
        const exchange = sampleExchange({
          route: { id: i % 3 === 0 ? 'b' : 'a' },
          facts: { callId: `call-${i % 4}` },
        })
        writer.keep(exchange)
        const isBad = i % 5 === 0
        writer.attempt(exchange, isBad ? refused : sampleAttempt())
        writer.settle(exchange, isBad ? failed : sampleDelivery())
        wanted.unshift(exchange.callback.id)
      }
      await writer.flush()
      const seen: string[] = []
      let after: string | undefined
      do {
        const page = await ledger.reader.callbacks({ limit: 7, after })
        seen.push(...page.rows.map(({ id }) => id))
        after = page.next ?? undefined
        writer.keep(sampleExchange())
        await writer.flush()
      } while (after !== undefined)
      expect(seen).toEqual(wanted)

      const oldest = { until: Date.now() + 1, since: Date.now() - HOUR }
      expect(await ids({ route: 'b', result: 'failed', ...oldest })).toHaveLength(2)
      expect(await ids({ failed: true })).toHaveLength(6)
      expect(await ids({ outcome: 'refused', route: 'a' })).toHaveLength(4)
      expect(await ids({ call_id: 'call-1', failed: true })).toHaveLength(2)
      expect(await ids({ retried: true })).toEqual([])
      expect(await ids({ event: 'call.completed', route: 'a', result: 'delivered' })).toHaveLength(16)
      expect(await ids({ result: 'pending' })).toHaveLength(5)
      expect(await ids({ event: 'Hangup' })).toEqual([])
      expect(await ids({ since: Date.now() + HOUR })).toEqual([])
      expect(await ids({ after: 'not a cursor' })).toEqual([])
    })

    test('callbacks of a route are listed newest first whatever their events, page by page', async () => {
      const { writer } = ledger
      const events = ['call.initiated', 'call.completed', 'Hangup', '']
      const wanted: string[] = []
      const delivered: string[] = []
      for (let i = 0; i < 24; i++) {
        const isOther = i % 6 === 5
        const exchange = sampleExchange({
          route: { id: isOther ? 'other' : 'a' },
          facts: { event: isOther ? 'RecordStop' : (events[i % 4] ?? '') },
        })
        writer.keep(exchange)
        writer.settle(exchange, i % 4 === 2 ? failed : sampleDelivery())
        if (isOther) continue
        wanted.unshift(exchange.callback.id)
        if (i % 4 !== 2) delivered.unshift(exchange.callback.id)
      }
      await writer.flush()
      const seen: string[] = []
      let after: string | undefined
      do {
        const page = await ledger.reader.callbacks({ limit: 3, route: 'a', after })
        expect(page.rows.length).toBeLessThanOrEqual(3)
        seen.push(...page.rows.map(({ id }) => id))
        after = page.next ?? undefined
      } while (after !== undefined)
      expect(seen).toEqual(wanted)
      expect(await ids({ route: 'a', limit: 5 })).toEqual(wanted.slice(0, 5))
      expect(await ids({ route: 'a', result: 'delivered' })).toEqual(delivered)
      expect(await ids({ route: 'a', until: Date.now() - HOUR })).toEqual([])
      expect(await ids({ route: 'never' })).toEqual([])
    })

    test('a page is written as JSON, as rows of JSON, or as CSV that names its columns once', async () => {
      const exchanges = ['=1+1', 'a"b\n', 'ü'].map((callId) => sampleExchange({ facts: { callId } }))
      for (const exchange of exchanges) ledger.writer.keep(exchange)
      await ledger.writer.flush()
      const { reader } = ledger
      const read = async (form: 'json' | 'ndjson' | 'csv', filter: CallbackFilter) => {
        const page = await reader.pageText(filter, form)
        return { ...page, text: Buffer.from(page.text).toString() }
      }
      const first = await reader.callbacks({ limit: 2 })
      const asJson = await read('json', { limit: 2 })
      expect(JSON.parse(asJson.text)).toEqual(first)
      expect([asJson.rows, asJson.next]).toEqual([2, first.next])
      const lines = (await read('ndjson', { limit: 2 })).text.trimEnd().split('\n')
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(first.rows)
      const [top, rest] = [
        await read('csv', { limit: 2 }),
        await read('csv', { limit: 2, after: first.next ?? '' }),
      ]
      expect(top.text).toMatch(/^id,received_at,.*\r\n[^\r]+\r\n[^\r]+\r\n$/)
      expect(rest.text).not.toContain('received_at')
      expect(rest.text).toContain(`,"'=1+1",`)
      expect([rest.rows, rest.next]).toEqual([1, null])
    })

    test('the callbacks of one call come oldest first', async () => {
      const { writer } = ledger
      const mine = [1, 2, 3].map(() => sampleExchange({ facts: { callId: 'mine' } }))
      for (const exchange of mine) {
        writer.keep(exchange)
        writer.keep(sampleExchange({ facts: { callId: 'other' } }))
        writer.keep(sampleExchange({ facts: { callId: '' } }))
      }
      await writer.flush()
      const rows = await ledger.reader.call('mine')
      expect(rows.map(({ id }) => id)).toEqual(mine.map(({ callback }) => callback.id))
      expect(await ledger.reader.call('')).toEqual([])
    })

    test('refused requests are kept in the list, up to a limit', async () => {
      await reopen({ refusalLimit: 5 })
      const refusals = Array.from({ length: 8 }, () => sampleRefusal())
      for (const refusal of refusals.slice(0, 4)) ledger.writer.refuse(refusal)
      await ledger.writer.flush()
      for (const refusal of refusals.slice(4)) ledger.writer.refuse(refusal)
      const exchange = sampleExchange()
      ledger.writer.keep(exchange)
      await ledger.writer.flush()
      expect(await ids({})).toEqual([
        exchange.callback.id,
        ...refusals
          .slice(3)
          .map(({ id }) => id)
          .toReversed(),
      ])
      expect(await ids({ result: 'rejected' })).toHaveLength(5)
      expect(await row(refusals[7]!.id)).toMatchObject({
        reason: 'signature_bad',
        verdict: 'refused',
        request: null,
      })
    })

    test('streaks are folded from live attempts that say something of the target', async () => {
      const { writer } = ledger
      const attempts = [
        refused,
        { ...refused, outcome: 'circuit_open' as const },
        { ...refused, outcome: 'blocked_target' as const },
        { ...refused, via: 'rescue' as const, number: 2 },
        // The first try of a callback that was answered before any handler was asked.
        { ...refused, via: 'rescue' as const },
      ]
      const exchanges = attempts.map(() => sampleExchange())
      for (const [index, attempt] of attempts.entries()) writer.attempt(exchanges[index]!, attempt)
      writer.attempt(sampleExchange({ facts: { isProbe: true } }), refused)
      await writer.flush()
      await reopen()
      ledger.writer.attempt(sampleExchange(), refused)
      await ledger.writer.flush()
      const streaks = await ledger.reader.streaks()
      expect(streaks).toMatchObject([{ route: 'app-1', target: 'primary', streak: { failures: 3 } }])
      expect(streaks[0]?.streak.firstFailureId).toBe(exchanges[0]?.callback.id)
      ledger.writer.attempt(sampleExchange(), sampleAttempt())
      await ledger.writer.flush()
      expect((await ledger.reader.streaks())[0]?.streak).toMatchObject({ failures: 0, successes: 1 })
    })

    test('a streak counts a repeat as the callback it repeats, and a later success as one', async () => {
      const { writer } = ledger
      const first = sampleExchange()
      writer.attempt(first, refused)
      for (let i = 0; i < 3; i++) {
        writer.attempt(sampleExchange({ exchange: { duplicateOf: first.callback.id } }), refused)
      }
      await writer.flush()
      expect((await ledger.reader.streaks())[0]?.streak).toMatchObject({ failures: 1 })
      writer.attempt(first, { ...sampleAttempt(), via: 'replay' })
      await writer.flush()
      expect((await ledger.reader.streaks())[0]?.streak).toMatchObject({ failures: 0, successes: 1 })
    })

    test('per-call handlers have a streak each, however many share the route of their account', async () => {
      const { writer } = ledger
      const bad = { ...primary, origin: 'http://bad.example.com' }
      const route = { scope: 'call' as const, id: 'MA_TEST123.calls' }
      writer.attempt(sampleExchange({ route }), { ...refused, target: bad })
      writer.attempt(sampleExchange({ route }), sampleAttempt())
      await writer.flush()
      const streaks = await ledger.reader.streaks()
      expect(streaks.toSorted((a, b) => a.target.localeCompare(b.target))).toMatchObject([
        { target: 'primary http://127.0.0.1:9001', streak: { failures: 0 } },
        { target: 'primary http://bad.example.com', streak: { failures: 1 } },
      ])
    })

    test('routes are summed up over minutes and hours', async () => {
      const { writer } = ledger
      const now = Date.now()
      for (const hoursAgo of [0, 0, 1, 5, 30]) {
        const exchange = sampleExchange({ callback: { receivedAt: now - hoursAgo * HOUR } })
        writer.keep(exchange)
        writer.attempt(exchange, sampleAttempt({ startedAt: now - hoursAgo * HOUR }))
        writer.settle(exchange, sampleDelivery({ answerMs: 100 }))
      }
      await writer.flush()
      const [summary] = await ledger.reader.routes(now - 24 * HOUR)
      expect(summary).toMatchObject({
        route: 'app-1',
        callbacks: 4,
        failed: 0,
        last_received_at: now,
        last_success_at: now,
      })
      expect(summary?.p50_ms).toBeGreaterThan(83)
      expect(summary?.p99_ms).toBeLessThan(120)
      expect((await ledger.reader.routes(now - HOUR / 2))[0]).toMatchObject({ callbacks: 2 })

      const hourOf = (at: number): number => at - (at % HOUR)
      const hours = await ledger.reader.history(now - 24 * HOUR, HOUR)
      expect(hours).toEqual(
        [5, 1, 0].map((hoursAgo) => ({
          route: 'app-1',
          at: hourOf(now - hoursAgo * HOUR),
          callbacks: hoursAgo === 0 ? 2 : 1,
          failed: 0,
        })),
      )
      const minutes = await ledger.reader.history(now - HOUR / 2, 60_000)
      expect(minutes).toEqual([{ route: 'app-1', at: now - (now % 60_000), callbacks: 2, failed: 0 }])
    })

    test('the numbers of a route are those of all its callbacks since a minute, however long ago that is', async () => {
      const { writer } = ledger
      const seed = pickSeed()
      const random = seededRandom(seed)
      const now = Date.now()
      const arrivals = Array.from({ length: 80 }, () => now - Math.floor(random() ** 2 * 12 * 24 * HOUR))
      for (const receivedAt of arrivals) {
        const exchange = sampleExchange({ callback: { receivedAt } })
        writer.keep(exchange)
        writer.settle(exchange, sampleDelivery({ result: receivedAt % 3 === 0 ? 'failed' : 'delivered' }))
      }
      await writer.flush()
      for (let i = 0; i < 30; i++) {
        const since = now - Math.floor(random() ** 2 * 12 * 24 * HOUR)
        const inside = arrivals.filter((at) => at >= since - (since % 60_000))
        const [summary] = await ledger.reader.routes(since)
        expect({ seed, callbacks: summary?.callbacks ?? 0, failed: summary?.failed ?? 0 }).toEqual({
          seed,
          callbacks: inside.length,
          failed: inside.filter((at) => at % 3 === 0).length,
        })
      }
    })

    test('signed requests and xml answers of the last minutes are remembered across a restart', async () => {
      const answer = { status: 200, headers: ['Content-Type', 'text/xml'], body: Buffer.from('<Response/>') }
      const xml = sampleExchange({ exchange: { kind: 'xml', guardKey: 'k1', bodyHash: 'h1' } })
      const old = sampleExchange({
        callback: { receivedAt: Date.now() - HOUR },
        exchange: { guardKey: 'k0' },
      })
      ledger.writer.keep(old)
      ledger.writer.keep(xml)
      ledger.writer.settle(xml, sampleDelivery({ answer }))
      await reopen()
      expect(guardRowsOf(await ledger.reader.guards(Date.now() - 600_000, 100, ''))).toMatchObject([
        {
          guard_key: 'k1',
          body_hash: 'h1',
          callback_id: xml.callback.id,
          result: 'delivered',
          answer_status: 200,
          answer_content_type: 'text/xml',
          answer_body: new Uint8Array(answer.body),
        },
      ])
    })

    test('of signed requests the newest are told, page after page, oldest first', async () => {
      const { writer, reader } = ledger
      const keys = Array.from({ length: 2_345 }, (_, index) => `key-${index}`)
      for (const guardKey of keys) writer.keep(sampleExchange({ exchange: { guardKey } }))
      await writer.flush()
      const told = async (most: number): Promise<readonly string[]> => {
        const pages = []
        for (let after = ''; ;) {
          const page = await reader.guards(Date.now() - 600_000, most, after)
          if (page.last === '') break
          pages.push(guardRowsOf(page))
          after = page.last
        }
        expect(pages.length).toBe(Math.ceil(most / 1_000))
        return pages.flat().map((row) => row.guard_key)
      }
      expect(await told(keys.length)).toEqual(keys)
      expect(await told(1_100)).toEqual(keys.slice(-1_100))
      expect(await told(100)).toEqual(keys.slice(-100))
    })

    test('of events of calls the newest are told, page after page, oldest first', async () => {
      const { writer, reader } = ledger
      const hashes = Array.from({ length: 1_500 }, (_, index) => `hash-${index}`)
      for (const bodyHash of hashes) writer.keep(sampleExchange({ exchange: { bodyHash } }))
      writer.keep(sampleExchange({ exchange: { kind: 'xml', bodyHash: 'xml' } }))
      writer.keep(sampleExchange({ exchange: { duplicateOf: 'another', bodyHash: 'repeat' } }))
      const noCall = { ...sampleExchange().facts, callId: '' }
      writer.keep(sampleExchange({ exchange: { facts: noCall, bodyHash: 'no call' } }))
      await writer.flush()
      const told = async (most: number): Promise<readonly string[]> => {
        const rows = []
        for (let after = ''; ;) {
          const page = await reader.events(Date.now() - 600_000, most, after)
          if (page.last === '') return rows
          rows.push(...eventRowsOf(page).map((row) => row.body_hash))
          after = page.last
        }
      }
      expect(await told(2_000)).toEqual(hashes)
      expect(await told(1_100)).toEqual(hashes.slice(-1_100))
      const page = await reader.events(Date.now() - 600_000, 1, '')
      const last = sampleExchange()
      expect(eventRowsOf(page)).toMatchObject([
        { route: last.route.id, event: last.facts.event, result: 'pending', answer_status: 200 },
      ])
    })

    test('bodies are redacted, kept in full or left out, and cut at the limit', async () => {
      const exchange = sampleExchange({
        callback: {
          headers: 'Authorization: canary\r\n',
          path: '/c/+14155551234',
          query: '?token=canary',
        },
      })
      const write = async (): Promise<unknown> => {
        const again = { ...exchange, callback: { ...exchange.callback, id: sampleExchange().callback.id } }
        ledger.writer.keep(again)
        await ledger.writer.flush()
        return row(again.callback.id)
      }
      const masked = '{"event":"call.completed","from":"+1415•••1234"}'
      expect(await write()).toMatchObject({
        path: '/c/+1415•••1234?token=•••',
        request: { headers: ['Authorization', '•••'], body: masked, is_redacted: true },
      })
      await reopen({ bodies: 'none' })
      expect(await write()).toMatchObject({ request: { headers: ['Authorization', '•••'], body: null } })
      await reopen({ bodies: 'full', bodyLimit: 8 })
      expect(await write()).toMatchObject({
        request: {
          headers: ['Authorization', '•••'],
          body: '{"event"',
          is_truncated: true,
          is_redacted: false,
        },
      })
    })

    test('registrations are durable until they expire or are removed', async () => {
      const registration: Registration = {
        token: 't1',
        account: 'MA_TEST123',
        call_id: '',
        route: 'ivr',
        target: 'https://h/1',
        fallback_target: '',
        method: 'POST',
        events: ['Hangup'],
        created_at: 1,
        expires_at: 1000,
      }
      await ledger.registrations.add(registration)
      await ledger.registrations.add({ ...registration, token: 't2', expires_at: 9000 })
      await reopen()
      expect(await ledger.registrations.list(500)).toEqual([
        registration,
        { ...registration, token: 't2', expires_at: 9000 },
      ])
      expect(await ledger.registrations.list(1000)).toHaveLength(1)
      expect(await ledger.registrations.remove('t2')).toBe(true)
      expect(await ledger.registrations.remove('t2')).toBe(false)
    })

    test('several callbacks are read at once, each with its own attempts, and unknown ids are left out', async () => {
      const [first, second, untried] = [sampleExchange(), sampleExchange(), sampleExchange()]
      for (const exchange of [first, second, untried]) ledger.writer.keep(exchange)
      ledger.writer.attempt(first, sampleAttempt({ outcome: 'http_5xx', status: 503 }))
      ledger.writer.attempt(first, sampleAttempt({ number: 2 }))
      ledger.writer.attempt(second, sampleAttempt())
      await ledger.writer.flush()
      const wanted = [first, second, untried].map(({ callback }) => callback.id)
      const found = await ledger.reader.withAttempts([...wanted, 'unknown'])
      for (const id of wanted) {
        const { request: _, next_attempt_at: __, ...rest } = (await ledger.reader.callback(id))!
        expect(found.find((each) => each.id === id)).toEqual(rest)
      }
      expect(found).toHaveLength(3)
      expect(await ledger.reader.withAttempts([])).toEqual([])
    })

    test('closing commits what was handed over', async () => {
      const exchange = sampleExchange()
      ledger.writer.keep(exchange)
      ledger.writer.attempt(exchange, sampleAttempt())
      ledger.writer.settle(exchange, sampleDelivery())
      await reopen()
      expect(await row(exchange.callback.id)).toMatchObject({ result: 'delivered', attempts: 1 })
    })

    test('commits are told, with rows and time', async () => {
      let rows = 0
      await reopen({ events: { committed: (count) => (rows += count), failed: () => undefined } })
      ledger.writer.keep(sampleExchange())
      ledger.writer.refuse(sampleRefusal())
      await ledger.writer.flush()
      expect(rows).toBe(2)
    })
  })
}
