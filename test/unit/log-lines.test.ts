import fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Attempt, Delivery } from '../../src/callback/attempt.ts'
import type { Exchange } from '../../src/callback/callback.ts'
import { LogLines } from '../../src/log-lines.ts'
import { aDelivery, anAttempt, anExchange, aRouteTo } from '../support/alert-builders.ts'

const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)

const route = aRouteTo('calls')
const first = anExchange(route, '01KDVDNA000000000000000001', { callId: 'call "1"\n' })
const second = anExchange(route, '01KDVDNA000000000000000002', { event: 'call.answered', callId: '' })
const all: readonly Exchange[] = [
  first,
  second,
  { ...first, route: aRouteTo('elsewhere') },
  { ...first, kind: 'xml' },
  { ...first, verdict: 'unchecked' },
]
const [target] = route.targets
const fallback = { ...target, role: 'fallback' } as const

// Each differs from the first in one thing that is told.
const attempts: readonly Attempt[] = [
  anAttempt('ok', { target }),
  { ...anAttempt('ok', { target }), status: 204 },
  { ...anAttempt('timeout_response', { target }), status: 200 },
  anAttempt('http_5xx', { target, error: 'the handler "broke"' }),
  anAttempt('ok', { target: fallback }),
  anAttempt('ok', { target, number: 2 }),
  anAttempt('ok', { target, via: 'replay' }),
]
const deliveries: readonly Delivery[] = [
  { ...aDelivery(), answerStatus: 200 },
  { ...aDelivery(), answerStatus: 201 },
  { ...aDelivery(), result: 'filtered', answerStatus: 200 },
  { ...aDelivery(), result: 'failed', blame: 'handler', answerStatus: 502 },
]

function tried({ callback, route, facts }: Exchange, attempt: Attempt) {
  const { target, number, via, outcome, status, error } = attempt
  const id = { delivery: callback.id, route: route.id, event: facts.event, call: facts.callId }
  const how = { target: target.role, attempt: number, via, outcome, status }
  return { msg: 'attempt', ...id, ...how, ...(error !== '' && { error }) }
}

function ended({ callback, route, facts, kind, verdict }: Exchange, delivery: Delivery) {
  const { result, answerStatus, blame } = delivery
  const id = { delivery: callback.id, route: route.id, event: facts.event, call: facts.callId }
  return { msg: 'callback', ...id, kind, verdict, result, answered: answerStatus, ...(blame && { blame }) }
}

test(`whatever came before, a line tells of its own callback (seed ${seed})`, () => {
  const turn = fc.tuple(
    fc.boolean(),
    fc.constantFrom(...all),
    fc.nat(attempts.length - 1),
    fc.nat(deliveries.length - 1),
  )
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 30 }), (turns) => {
      const lines = new LogLines()
      for (const [isAttempt, exchange, a, d] of turns) {
        const attempt = attempts[a] as Attempt
        const delivery = deliveries[d] as Delivery
        const line = isAttempt ? lines.attempt(exchange, attempt) : lines.callback(exchange, delivery)
        expect(line.endsWith('}\n')).toBe(true)
        const told = isAttempt ? tried(exchange, attempt) : ended(exchange, delivery)
        expect(JSON.parse(line)).toMatchObject(told)
      }
    }),
    { seed, numRuns: 300 },
  )
})

test(`milliseconds have two decimals at most (seed ${seed})`, () => {
  const lines = new LogLines()
  const times = fc.oneof(
    fc.double({ min: -1, max: 100, noNaN: true }),
    fc.double({ min: 0, max: 1e12, noNaN: true }),
  )
  fc.assert(
    fc.property(times, (ms) => {
      const line = lines.callback(second, { ...aDelivery(), answerMs: ms })
      expect(/"ms":([^,}]*)/.exec(line)?.[1]).toBe(String(Math.round(ms * 100) / 100))
    }),
    { seed, numRuns: 1000 },
  )
})
