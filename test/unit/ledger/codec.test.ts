import { headerTextOf } from '../../../src/callback/header-text.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'

import { outcomes } from '../../../src/callback/outcome.ts'
import { BatchWriter } from '../../../src/ledger/codec/batch-writer.ts'
import {
  decodeAttempt,
  decodeKept,
  decodeKeptBytes,
  decodeRefusal,
  decodeSettled,
} from '../../../src/ledger/codec/decode.ts'
import { encodeAttempt, encodeKept, encodeRefusal, encodeSettled } from '../../../src/ledger/codec/encode.ts'
import { RecordReader } from '../../../src/ledger/codec/record-reader.ts'
import { recordType } from '../../../src/ledger/codec/records.ts'
import {
  sampleAttempt,
  sampleDelivery,
  sampleExchange,
  sampleRefusal,
} from '../../contract/ledger-samples.ts'

const text = fc.string({ unit: 'binary', maxLength: 40 })
const headers = fc
  .array(text, { maxLength: 12 })
  .map((list) => (list.length % 2 === 0 ? list : list.slice(1)))
const bytes = fc.uint8Array({ maxLength: 3000 })

test('whatever is written is read back, in order, also when the memory has to grow', () => {
  const one = fc.record({
    path: text,
    query: text,
    callId: text,
    headers,
    body: bytes,
    error: text,
  })
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 8 }), (list) => {
      const batch = new BatchWriter(64)
      const exchanges = list.map(({ path, query, callId, headers: pairs, body }) =>
        sampleExchange({ callback: { path, query, headers: headerTextOf(pairs), body }, facts: { callId } }),
      )
      for (const [index, exchange] of exchanges.entries()) {
        encodeKept(batch, exchange)
        encodeAttempt(batch, exchange, sampleAttempt({ error: list[index]?.error ?? '' }), 1000)
      }
      const reader = new RecordReader(new Uint8Array(batch.memory), batch.used)
      for (const [index, exchange] of exchanges.entries()) {
        expect(reader.next()).toBe(recordType.kept)
        const { callback, facts } = exchange
        expect(decodeKeptBytes(reader.record())).toMatchObject({ id: callback.id })
        const kept = decodeKept(reader, recordType.kept)
        expect(kept).toMatchObject({
          id: callback.id,
          path: callback.path,
          query: callback.query,
          headers: callback.headers,
          facts,
          canWait: true,
        })
        expect(kept.targets).toEqual(exchange.route.targets.map(({ label }) => label))
        expect(Buffer.from(kept.body).equals(callback.body)).toBe(true)
        expect(reader.next()).toBe(recordType.attempt)
        expect(decodeAttempt(reader).error).toBe(list[index]?.error)
      }
      expect(reader.next()).toBeUndefined()
      expect(batch.rows).toBe(2 * list.length)
    }),
    { numRuns: 100 },
  )
})

test('attempts keep every outcome and phase, and at most the limit of a reply', () => {
  for (const outcome of outcomes) {
    const batch = new BatchWriter()
    const attempt = sampleAttempt({ outcome, number: 3, resent: true })
    encodeAttempt(batch, sampleExchange(), attempt, 2)
    const reader = new RecordReader(new Uint8Array(batch.memory), batch.used)
    reader.next()
    expect(decodeAttempt(reader)).toMatchObject({
      outcome,
      number: 3,
      resent: true,
      dnsMs: Number.NaN,
      connectMs: 0.5,
      totalMs: 13,
      reply: { headers: ['Content-Type', 'text/plain'], bytes: 4, body: Buffer.from('fi') },
    })
  }
})

test('settlements and refusals come back', () => {
  const batch = new BatchWriter()
  const answer = { status: 200, headers: ['content-type', 'text/xml'], body: Buffer.from('<Response/>') }
  encodeSettled(batch, sampleExchange(), sampleDelivery({ dueAt: 5, answer }))
  const refusal = sampleRefusal()
  encodeRefusal(batch, refusal)
  const reader = new RecordReader(new Uint8Array(batch.memory), batch.used)
  reader.next()
  expect(decodeSettled(reader)).toMatchObject({
    result: 'delivered',
    dueAt: 5,
    answer: { contentType: 'text/xml', body: Buffer.from('<Response/>') },
  })
  reader.next()
  expect(decodeRefusal(reader)).toEqual(refusal)
})

test('a record that is cut off is refused, not misread', () => {
  const batch = new BatchWriter()
  encodeKept(batch, sampleExchange())
  for (const used of [batch.used - 1, 20, 9]) {
    expect(() => new RecordReader(new Uint8Array(batch.memory), used).next()).toThrow(RangeError)
  }
})

test('cleared memory is used again', () => {
  const batch = new BatchWriter()
  encodeKept(batch, sampleExchange())
  const { memory } = batch
  batch.clear()
  expect([batch.rows, batch.used]).toEqual([0, 0])
  encodeKept(batch, sampleExchange())
  expect(batch.memory).toBe(memory)
})
