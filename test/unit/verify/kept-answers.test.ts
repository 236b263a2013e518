import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type KeptAnswer, KeptAnswers } from '../../../src/verify/kept-answers.ts'

const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)
const MOST_BYTES = 2 ** 20
/** What lies unused at the ends of pieces, and what stands in front of each answer. */
const SLACK_BYTES = 6 * 64 * 1024
const RECORDS = 60

const step = fc.oneof(
  fc.record({
    do: fc.constant('set' as const),
    record: fc.nat(RECORDS),
    size: fc.integer({ min: 0, max: 64 * 1024 + 10 }),
    contentType: fc.constantFrom('', 'text/xml', 'application/xml; charset=utf-8'),
  }),
  fc.record({ do: fc.constant('forget' as const), record: fc.nat(RECORDS) }),
)

test(`an answer is kept as it was, the newest ones surely, and none that was forgotten (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 150 }), (steps) => {
      const kept = new KeptAnswers(MOST_BYTES)
      const told = new Map<number, KeptAnswer>()
      for (const [i, one] of steps.entries()) {
        if (one.do === 'set') {
          const body = new Uint8Array(one.size).fill(i)
          const answer = { status: 200 + i, contentType: one.contentType, body }
          kept.set(one.record, answer)
          if (one.size === 0 || one.size > 64 * 1024) continue
          told.delete(one.record)
          told.set(one.record, answer)
        } else {
          kept.forgetBefore(one.record)
          forgetBefore(told, one.record)
        }
      }
      let newer = 0
      const sure = new Map<number, KeptAnswer>()
      for (const [record, answer] of [...told].toReversed()) {
        newer += answer.body?.byteLength ?? 0
        if (newer <= MOST_BYTES - SLACK_BYTES) sure.set(record, answer)
      }
      for (let record = 0; record <= RECORDS; record++) {
        const found = kept.get(record)
        expect(found === undefined ? !sure.has(record) : isSame(found, told.get(record))).toBe(true)
      }
    }),
    { seed, numRuns: 100 },
  )
})

/** From the oldest on, as far as they are of older records. */
function forgetBefore(told: Map<number, KeptAnswer>, oldest: number): void {
  for (const record of told.keys()) {
    if (record >= oldest) return
    told.delete(record)
  }
}

function isSame(a: KeptAnswer, b: KeptAnswer | undefined): boolean {
  if (a.status !== b?.status || a.contentType !== b.contentType) return false
  return Buffer.compare(a.body ?? Buffer.of(), b.body ?? Buffer.of()) === 0
}
