import { expect, test } from 'vitest'

import { BatchWriter } from '../../../../src/ledger/codec/batch-writer.ts'
import { encodeAttempt, encodeKept, encodeSettled } from '../../../../src/ledger/codec/encode.ts'
import { planBatch } from '../../../../src/ledger/writing/batch-plan.ts'
import { sampleAttempt, sampleDelivery, sampleExchange } from '../../../contract/ledger-samples.ts'

const exchangeOf = (id: string) => sampleExchange({ callback: { id } })

/** The plan of a batch, as pairs of ids and numbers of attempts. */
function planned(batch: BatchWriter) {
  const attempts: string[] = []
  const { kept, changes } = planBatch(
    new Uint8Array(batch.memory),
    { used: batch.used, first: 1 },
    ({ callbackId }) => attempts.push(callbackId),
  )
  return {
    kept: kept.map(({ id, change }) => [id, change?.attempts, change?.settled?.result]),
    changes: [...changes].map(([id, { attempts: count, ticket }]) => [id, count, ticket]),
    attempts,
  }
}

test('what a batch says of callbacks is gathered by their whole ids, also where the ends of these are alike', () => {
  const [first, second, before] = ['01KAJ5M3ZQ8XW2V7', '01KAJ5M3ZQ8XW2V8', '01KAJ5M3ZQ8XW2V9'].map((start) =>
    exchangeOf(`${start}T4R6N9PBCD`),
  )
  if (first === undefined || second === undefined || before === undefined) throw new Error('no samples')
  const batch = new BatchWriter()
  encodeKept(batch, first)
  encodeKept(batch, second)
  encodeAttempt(batch, second, sampleAttempt({ number: 2 }), 0)
  encodeAttempt(batch, first, sampleAttempt({ number: 1 }), 0)
  encodeAttempt(batch, before, sampleAttempt({ number: 7 }), 0)
  encodeSettled(batch, before, sampleDelivery())
  encodeSettled(batch, first, sampleDelivery())
  const ids = [first, second, before].map(({ callback }) => callback.id)
  expect(planned(batch)).toEqual({
    kept: [
      [ids[0], 1, 'delivered'],
      [ids[1], 2, undefined],
    ],
    changes: [[ids[2], 7, 6]],
    attempts: [ids[1], ids[0], ids[2]],
  })
})

test('a callback that a batch keeps twice is one, and what was said of it stays', () => {
  const exchange = exchangeOf('01KAJ5M3ZQ8XW2V7T4R6N9PBCD')
  const batch = new BatchWriter()
  encodeKept(batch, exchange)
  encodeAttempt(batch, exchange, sampleAttempt({ number: 1 }), 0)
  encodeKept(batch, exchange)
  expect(planned(batch).kept).toEqual([[exchange.callback.id, 1, undefined]])
})
