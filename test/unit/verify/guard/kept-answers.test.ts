import fc from 'fast-check'
import { expect, test } from 'vitest'

import { type KeptAnswer, KeptAnswers } from '../../../../src/verify/guard/memory/kept-answers.ts'

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
      const model = new Model()
      for (const [i, one] of steps.entries()) {
        if (one.do === 'set') {
          const body = new Uint8Array(one.size).fill(i)
          const answer = { status: 200 + i, contentType: one.contentType, body }
          kept.set(one.record, answer)
          if (one.size > 0 && one.size <= 64 * 1024) model.set(one.record, answer)
        } else {
          kept.forgetBefore(one.record)
          model.forgetBefore(one.record)
        }
      }
      const sure = model.sureRecords()
      for (let record = 0; record <= RECORDS; record++) {
        const found = kept.get(record)
        const isRight = found === undefined ? !sure.has(record) : isSame(found, model.told.get(record))
        expect(isRight).toBe(true)
      }
    }),
    { seed, numRuns: 400 },
  )
})

class Model {
  /** What may be kept still, oldest first. */
  readonly told = new Map<number, KeptAnswer>()
  /** Oldest first. An answer that was replaced takes its room until it is the oldest. */
  readonly #ever: { record: number; answer: KeptAnswer; mayBeForgotten: boolean }[] = []

  set(record: number, answer: KeptAnswer): void {
    this.told.delete(record)
    this.told.set(record, answer)
    this.#ever.push({ record, answer, mayBeForgotten: false })
  }

  /** From the oldest on, as far as they are of older records. */
  forgetBefore(oldest: number): void {
    // Also those behind a newer record: it may have gone for lack of room.
    for (const each of this.#ever) each.mayBeForgotten ||= each.record < oldest
    for (const record of this.told.keys()) {
      if (record >= oldest) return
      this.told.delete(record)
    }
  }

  /** The newest answers, as many as have room however they lie. */
  sureRecords(): Set<number> {
    const sure = new Set<number>()
    let bytes = 0
    for (const { record, answer, mayBeForgotten } of this.#ever.toReversed()) {
      bytes += answer.body?.byteLength ?? 0
      if (bytes > MOST_BYTES - SLACK_BYTES) break
      if (this.told.get(record) === answer && !mayBeForgotten) sure.add(record)
    }
    return sure
  }
}

function isSame(a: KeptAnswer, b: KeptAnswer | undefined): boolean {
  if (a.status !== b?.status || a.contentType !== b.contentType) return false
  return Buffer.compare(a.body ?? Buffer.of(), b.body ?? Buffer.of()) === 0
}
