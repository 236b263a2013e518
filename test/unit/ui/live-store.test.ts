import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { AttemptEvent, CallbackEvent } from '../../../src/admin/api.ts'
import { LiveStore, MOST_ROWS } from '../../../src/ui/state/live-store.ts'
import { callbackRow } from '../../support/admin-parts.ts'

const attempt = (id: string, more: Partial<AttemptEvent> = {}) => ({
  type: 'attempt' as const,
  at: 1_000,
  data: {
    callback_id: id,
    route: 'billing',
    event: 'call.completed',
    call_id: 'call-1',
    number: 1,
    target: 'primary' as const,
    url: 'https://api.example.com',
    via: 'live' as const,
    started_at: Date.now(),
    outcome: 'http_5xx' as const,
    status: 502,
    total_ms: 40,
    error: 'answered 502',
    ...more,
  },
})
const answered = (id: string, more: Partial<CallbackEvent> = {}) => ({
  type: 'callback' as const,
  at: Date.now(),
  data: {
    id,
    received_at: Date.now(),
    route: 'billing',
    event: 'call.completed',
    call_id: 'call-1',
    kind: 'notify',
    verdict: 'verified',
    result: 'delivered',
    blame: '',
    answer_status: 200,
    answer_ms: 50,
    ...more,
  },
})

describe('the rows of the live view', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_795_444_000_000 })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('gather the attempts of a callback and its answer in one row', () => {
    const store = new LiveStore()
    store.take(attempt('A'))
    store.take(attempt('A', { number: 2, target: 'fallback', outcome: 'ok', status: 200, total_ms: 9 }))
    store.take(answered('A'))
    vi.runAllTimers()
    const { rows } = store.state()
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ result: 'delivered', lastOutcome: 'ok', answerStatus: 200 })
    expect(rows[0]?.tries.map(({ ms }) => ms)).toEqual([40, 9])
  })

  it('give a later attempt a row of its own, because it happens now', () => {
    const store = new LiveStore()
    store.take(answered('A', { result: 'rescued' }))
    store.take(attempt('A', { number: 3, via: 'rescue', outcome: 'ok', started_at: Date.now() + 5000 }))
    vi.runAllTimers()
    expect(store.state().rows.map(({ key, result }) => [key, result])).toEqual([
      ['A.3', 'delivered_late'],
      ['A', 'rescued'],
    ])
  })

  it('are drawn together, newest first, and never more than there is room for', () => {
    const store = new LiveStore()
    const drawn = vi.fn<() => void>()
    store.subscribe(drawn)
    for (let n = 0; n < MOST_ROWS + 500; n++) {
      store.take(answered(`id-${n}`, { received_at: 1_795_444_000_000 + n }))
    }
    vi.runAllTimers()
    expect(drawn).toHaveBeenCalledOnce()
    const { rows, added } = store.state()
    expect([rows.length, rows[0]?.id, added]).toEqual([MOST_ROWS, `id-${MOST_ROWS + 499}`, MOST_ROWS + 500])
  })

  it('count what failed by second, also what came before the page was opened, and nothing twice', () => {
    const store = new LiveStore()
    store.take(answered('A', { result: 'failed' }))
    store.take(answered('A', { result: 'failed' }))
    store.seed([
      callbackRow({ id: 'A', received_at: Date.now(), result: 'failed' }),
      callbackRow({ id: 'B', received_at: Date.now() - 2000 }),
    ])
    vi.runAllTimers()
    expect([...store.state().seconds.values()]).toEqual([
      { ok: 0, failed: 1 },
      { ok: 1, failed: 0 },
    ])
  })

  it('are finished from the ledger when the page was cut off before their end', () => {
    const store = new LiveStore()
    store.take(attempt('cut-off'))
    store.take(answered('told-again'))
    store.seed([
      callbackRow({ id: 'cut-off', result: 'failed', attempts: 2, last_outcome: 'unknown' }),
      callbackRow({ id: 'told-again', attempts: 1, last_outcome: 'ok' }),
    ])
    const rows = new Map(store.state().rows.map((row) => [row.id, row]))
    expect(rows.get('cut-off')).toMatchObject({
      result: 'failed',
      lastOutcome: 'unknown',
      tries: [{ ms: 40 }],
    })
    expect(rows.get('told-again')).toMatchObject({ lastOutcome: 'ok', tries: [{ outcome: 'ok' }] })
    expect(rows.size).toBe(2)
  })

  it('say when some are missing between those from before and after a break', () => {
    const store = new LiveStore()
    store.take({ type: 'gap', at: 1_000, data: { dropped: 3, reason: 'slow' } })
    vi.runAllTimers()
    expect(store.state()).toMatchObject({ dropped: 3, hasHole: false })
    store.take({ type: 'gap', at: 1_000, data: { dropped: null, reason: 'too_many' } })
    vi.runAllTimers()
    expect(store.state()).toMatchObject({ dropped: 3, hasHole: true })
  })
})
