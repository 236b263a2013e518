import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Ledger } from '../../src/ledger/ledger.ts'
import type { ReplayItem, ReplayRow, ReplayStore } from '../../src/ledger/replay-store.ts'
import { failed, refused, sampleAttempt, sampleExchange } from './ledger-samples.ts'

export interface ReplayHarness {
  open(): Promise<Ledger & { readonly replays: ReplayStore }>
  end(): Promise<void>
}

const CREATED_AT = 1_700_000_000_000

function replay(id: string): ReplayRow {
  return { id, state: 'running', created_at: CREATED_AT, ended_at: null, reason: 'handler mended' }
}

function item(id: string, state = 'left'): ReplayItem {
  const number = Number(id.replaceAll(/\D/g, ''))
  return {
    id,
    call_id: `call-${id}`,
    event: 'call.completed',
    received_at: 1000 + number,
    state,
    outcome: '',
  }
}

/** What every implementation of the replay store promises. */
export function describeReplayStore(name: string, createHarness: () => Promise<ReplayHarness>): void {
  describe(`replay store: ${name}`, () => {
    let harness: ReplayHarness
    let ledger: Awaited<ReturnType<ReplayHarness['open']>>
    let store: ReplayStore
    beforeEach(async () => {
      harness = await createHarness()
      ledger = await harness.open()
      store = ledger.replays
    })
    afterEach(async () => {
      await ledger.close()
      await harness.end()
    })
    const reopen = async (): Promise<void> => {
      await ledger.close()
      ledger = await harness.open()
      store = ledger.replays
    }

    test('a replay and its callbacks are there after a restart, each in one state', async () => {
      await store.begin(replay('R1'), [item('c3'), item('c1'), item('c2', 'not_known')])
      await store.change('R1', [
        { id: 'c1', state: 'delivered', outcome: 'ok' },
        { id: 'c3', state: 'failed', outcome: 'http_5xx' },
      ])
      await store.end('R1', 'aborted', CREATED_AT + 5)
      await reopen()
      expect(await store.get('R1', 2)).toEqual({
        ...replay('R1'),
        state: 'aborted',
        ended_at: CREATED_AT + 5,
        total: 3,
        counts: { delivered: 1, failed: 1, not_known: 1 },
        oldest_at: 1001,
        newest_at: 1003,
        items: [
          { ...item('c1'), state: 'delivered', outcome: 'ok' },
          { ...item('c2'), state: 'not_known' },
        ],
      })
      expect(await store.get('R2', 2)).toBeUndefined()
      expect(await store.interrupt(CREATED_AT + 9)).toBe(0)
    })

    test('they are listed newest first, and only the newest hundred that have ended are kept', async () => {
      await store.begin(replay('R000'), [item('c1')])
      for (let n = 1; n <= 102; n++) {
        const id = `R${String(n).padStart(3, '0')}`
        await store.begin(replay(id), [])
        await store.end(id, 'done', CREATED_AT)
      }
      await store.begin(replay('R103'), [])
      const rows = await store.list()
      expect(rows.map(({ id }) => id).slice(0, 2)).toEqual(['R103', 'R102'])
      expect(rows.map(({ id }) => id).slice(-2)).toEqual(['R003', 'R000']) // the first one still runs
      expect(rows.at(-1)).toMatchObject({ total: 1, counts: { left: 1 }, items: [] })
    })

    test('what a crash cut off stands as delivered where the ledger knows so, else as unknown with an attempt', async () => {
      const [taken, open, before] = [sampleExchange(), sampleExchange(), sampleExchange()]
      for (const exchange of [taken, open, before]) {
        ledger.writer.keep(exchange)
        ledger.writer.attempt(exchange, refused)
        ledger.writer.settle(exchange, failed)
      }
      const earlier = sampleAttempt({ number: 2, via: 'replay', startedAt: CREATED_AT - 1 })
      ledger.writer.attempt(before, earlier)
      ledger.writer.attempt(taken, { ...earlier, startedAt: CREATED_AT })
      await ledger.writer.flush()
      const ids = [taken, open, before].map(({ callback }) => callback.id)
      await store.begin(replay('R1'), [...ids.map((id) => ({ ...item('c1'), id })), item('c9')])
      await store.change(
        'R1',
        ids.map((id) => ({ id, state: 'sending', outcome: '' })),
      )
      expect(await store.interrupt(CREATED_AT + 9)).toBe(1)
      expect(await store.interrupt(CREATED_AT + 9)).toBe(0)
      expect(await store.get('R1', 9)).toMatchObject({
        state: 'interrupted',
        ended_at: CREATED_AT + 9,
        counts: { delivered: 1, unknown: 2, left: 1 },
      })
      expect(await ledger.reader.callback(open.callback.id)).toMatchObject({
        attempts: 2,
        last_outcome: 'unknown',
        attempt_rows: [{ outcome: 'refused' }, { number: 2, via: 'replay', outcome: 'unknown' }],
      })
      expect(await ledger.reader.callback(taken.callback.id)).toMatchObject({ attempts: 2 })
    })
  })
}
