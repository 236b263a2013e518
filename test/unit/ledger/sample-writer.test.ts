import { expect, test } from 'vitest'

import type { Exchange } from '../../../src/callback/callback.ts'
import type { LedgerWriter } from '../../../src/ledger/ledger.ts'
import { sampleWriter } from '../../../src/ledger/sample-writer.ts'
import { sampleAttempt, sampleDelivery, sampleExchange } from '../../contract/ledger-samples.ts'

/** Takes down what a ledger is asked to write. */
function notebook() {
  const lines: string[] = []
  const note = (what: string) => (exchange: Exchange) =>
    lines.push(`${what} ${exchange.callback.id.slice(-2)}`)
  const writer: LedgerWriter = {
    keep: note('keep'),
    attempt: note('attempt'),
    settle: note('settle'),
    refuse: () => lines.push('refuse'),
    durable: (ticket) =>
      ticket > 0 ? Promise.resolve() : Promise.reject(new Error('nothing was asked for')),
    secured: (ticket) =>
      ticket > 0 ? Promise.resolve() : Promise.reject(new Error('nothing was asked for')),
    flush: () => Promise.resolve(),
    health: () => ({ isWritable: true, problem: '', queued: 0 }),
  }
  return { lines, writer }
}

const stream = (id: string, event = 'ClearedAudio') =>
  sampleExchange({ callback: { id: `01J000000000000000000000${id}` }, facts: { event } })

function pass(writer: LedgerWriter, exchange: Exchange, outcome: 'ok' | 'http_5xx' = 'ok'): void {
  writer.keep(exchange)
  writer.attempt(exchange, sampleAttempt({ outcome }))
  writer.settle(exchange, sampleDelivery({ result: outcome === 'ok' ? 'delivered' : 'failed' }))
}

test('the share of an event is kept, every other event whole', () => {
  const { lines, writer } = notebook()
  const draws = [0.05, 0.1, 0.99]
  const sampled = sampleWriter(writer, new Map([['ClearedAudio', 0.1]]), () => draws.shift() ?? 0)
  for (const id of ['A1', 'A2', 'A3']) pass(sampled, stream(id))
  pass(sampled, stream('B1', 'Hangup'))
  expect(lines).toEqual(['keep A1', 'attempt A1', 'settle A1', 'keep B1', 'attempt B1', 'settle B1'])
})

test('what fails is written whole, however small the share', () => {
  const { lines, writer } = notebook()
  const sampled = sampleWriter(writer, new Map([['ClearedAudio', 0]]), () => 0)
  pass(sampled, stream('A1'), 'http_5xx')
  expect(lines).toEqual(['keep A1', 'attempt A1', 'settle A1'])

  const rescuedByFallback = stream('A2')
  sampled.keep(rescuedByFallback)
  sampled.attempt(rescuedByFallback, sampleAttempt({ outcome: 'http_5xx' }))
  sampled.attempt(rescuedByFallback, sampleAttempt({ outcome: 'ok' }))
  sampled.settle(rescuedByFallback, sampleDelivery({ result: 'delivered' }))
  expect(lines.slice(3)).toEqual(['keep A2', 'attempt A2', 'attempt A2', 'settle A2'])
})

test('what was taken on for a handler is on disk, also without an attempt', () => {
  const { lines, writer } = notebook()
  const sampled = sampleWriter(writer, new Map([['ClearedAudio', 0]]), () => 0)
  const exchange = stream('A1')
  sampled.keep(exchange)
  sampled.settle(exchange, sampleDelivery({ result: 'rescued' }))
  sampled.attempt(exchange, sampleAttempt({ outcome: 'ok', via: 'rescue' }))
  sampled.settle(exchange, sampleDelivery({ result: 'delivered_late' }))
  expect(lines).toEqual(['keep A1', 'settle A1', 'attempt A1', 'settle A1'])
})

test('there is nothing to wait for where nothing is written', async () => {
  const { writer } = notebook()
  const sampled = sampleWriter(writer, new Map([['ClearedAudio', 0]]), () => 0)
  await expect(sampled.durable(sampled.keep(stream('A1')))).resolves.toBeUndefined()
})
