import { describe, expect, test } from 'vitest'

import type { Attempt } from '../../../src/callback/attempt.ts'
import { fateOf } from '../../../src/rescue/schedule.ts'
import { refused, sampleAttempt } from '../../contract/ledger-samples.ts'

const schedule = [1000, 5000]
const nowMs = Date.parse('2026-11-23T12:00:00Z')
const first = { schedule, step: 0, nowMs, random: 0 }

function answered(status: number, headers: readonly string[] = []): Attempt {
  return sampleAttempt({
    outcome: status === 429 ? 'http_429' : status < 500 ? 'http_4xx' : 'http_5xx',
    status,
    reply: { status, headers, body: new Uint8Array() },
  })
}

function after(value: string) {
  return fateOf([answered(503, ['Retry-After', value])], first)
}

describe('the fate of a callback that no target took', () => {
  test('is another try after the wait of its step, and a jitter that only adds', () => {
    expect(fateOf([refused], first)).toEqual({ result: 'rescued', dueAt: nowMs + 1000 })
    expect(fateOf([refused], { ...first, step: 1 })).toEqual({ result: 'rescued', dueAt: nowMs + 5000 })
    expect(fateOf([refused], { ...first, random: 0.999 })).toMatchObject({ dueAt: nowMs + 1200 })
  })

  test('is to be dead when no wait is left', () => {
    expect(fateOf([refused], { ...first, step: 2 })).toEqual({ result: 'dead' })
  })

  test.each([400, 401, 404, 410, 422])('is to be dead at once when every target answers %i', (status) => {
    expect(fateOf([answered(status)], first)).toEqual({ result: 'dead' })
    expect(fateOf([answered(status), refused], first)).toMatchObject({ result: 'rescued' })
  })

  test.each([408, 409, 425, 429, 500, 503])('is another try after %i', (status) => {
    expect(fateOf([answered(status)], first)).toMatchObject({ result: 'rescued' })
  })

  test('heeds Retry-After in seconds and as a date, and never for more than a day', () => {
    expect(after('30')).toMatchObject({ dueAt: nowMs + 30_000 })
    expect(after('Mon, 23 Nov 2026 12:01:00 GMT')).toMatchObject({ dueAt: nowMs + 60_000 })
    expect(after('0')).toMatchObject({ dueAt: nowMs + 1000 })
    expect(after('soon')).toMatchObject({ dueAt: nowMs + 1000 })
    expect(after('999999999')).toMatchObject({ dueAt: nowMs + 24 * 3_600_000 })
  })
})
