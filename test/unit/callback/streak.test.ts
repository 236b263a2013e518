import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { foldStreak, MEMORY, noStreak, type Streak } from '../../../src/callback/streak.ts'

const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)

interface Decision {
  readonly id: string
  readonly succeeded: boolean
}

const id = (arrival: number) => String(arrival).padStart(4, '0')
const fold = (decisions: readonly Decision[]): Streak =>
  decisions.reduce((streak, { id, succeeded }) => foldStreak(streak, id, succeeded), noStreak)
/** '3F' is the failure of the third arrival, '4S' the success of the fourth; in the order they were decided. */
const after = (text: string): Streak =>
  fold(text.split(' ').map((word) => ({ id: id(Number.parseInt(word, 10)), succeeded: word.endsWith('S') })))

describe('a streak', () => {
  test('grows with each failure and ends with a success', () => {
    expect(after('1F 2F 3F')).toMatchObject({ failures: 3, successes: 0, firstFailureId: id(1) })
    expect(after('1F 2F 3F 4S')).toMatchObject({
      failures: 0,
      successes: 1,
      firstFailureId: '',
      failedIds: [],
    })
    expect(after('1S 2S 3S')).toMatchObject({ failures: 0, successes: 3, lastSuccessId: id(3) })
  })

  test('is not ended by a success that arrived before it', () => {
    expect(after('2F 3F 4F 1S')).toMatchObject({ failures: 3, firstFailureId: id(2) })
  })

  test('does not count a failure that arrived before the last success', () => {
    expect(after('5S 3F')).toMatchObject({ failures: 0, successes: 1 })
    expect(after('5F 3S 2F')).toMatchObject({ failures: 1, firstFailureId: id(5), lastSuccessId: id(3) })
  })

  test('is cut by a success that arrived in its middle', () => {
    expect(after('1F 2F 4F 5F 3S')).toMatchObject({
      failures: 2,
      firstFailureId: id(4),
      lastSuccessId: id(3),
    })
  })

  test('finds its true beginning when failures are decided out of order', () => {
    expect(after('3F 1F 2F')).toMatchObject({
      failures: 3,
      firstFailureId: id(1),
      failedIds: [id(1), id(2), id(3)],
    })
  })

  test('counts a callback once, however often it is decided', () => {
    expect(after('1F 1F 2F 1F').failures).toBe(2)
    expect(after('1F 2S 2S 2S').successes).toBe(1)
  })

  test('recovery counts only successes that arrived after one another', () => {
    expect(after('1F 5S 2S 3S')).toMatchObject({ failures: 0, successes: 1 })
    expect(after('1F 5S 2S 6S')).toMatchObject({ failures: 0, successes: 2 })
  })

  test('a late delivery of each failed callback ends it', () => {
    expect(after('1F 2F 3F 1S')).toMatchObject({ failures: 2 })
    expect(after('1F 2F 3F 3S')).toMatchObject({ failures: 0, successes: 1 })
  })

  test('remembers a bounded number of failures and counts all', () => {
    const failures = Array.from({ length: 500 }, (_, i) => ({ id: id(i), succeeded: false }))
    const streak = fold(failures)
    expect(streak).toMatchObject({ failures: 500, firstFailureId: id(0) })
    expect(streak.failedIds).toHaveLength(MEMORY)
    expect(foldStreak(streak, id(490), true)).toMatchObject({ failures: 9, firstFailureId: id(491) })
    expect(foldStreak(streak, id(500), true).failures).toBe(0)
  })
})

/** What the words of the design say: of all decided callbacks in arrival order, the failures at the end. */
function reference(decisions: readonly Decision[]): { failures: number; firstFailureId: string } {
  const succeeded = decisions.filter((one) => one.succeeded).map((one) => one.id)
  const lastSuccess = succeeded.toSorted().at(-1) ?? ''
  const failed = new Set(
    decisions.filter((one) => !one.succeeded && one.id > lastSuccess).map((one) => one.id),
  )
  return { failures: failed.size, firstFailureId: [...failed].toSorted()[0] ?? '' }
}

describe(`against the plain definition (seed ${seed})`, () => {
  const decision = fc.record({ id: fc.nat(40).map(id), succeeded: fc.boolean() })
  const mostlyFailing = fc.record({
    id: fc.nat(60).map(id),
    succeeded: fc.nat(9).map((n) => n === 0),
  })

  test.each([
    ['any order', decision],
    ['mostly failures', mostlyFailing],
  ])('%s', (_, one) => {
    fc.assert(
      fc.property(fc.array(one, { maxLength: 80 }), (decisions) => {
        let streak = noStreak
        for (const [at, { id, succeeded }] of decisions.entries()) {
          streak = foldStreak(streak, id, succeeded)
          expect(streak).toMatchObject(reference(decisions.slice(0, at + 1)))
          expect(streak.failedIds).toEqual(streak.failedIds.toSorted())
          expect(streak.failures === 0 || streak.successes === 0).toBe(true)
        }
      }),
      { seed, numRuns: 1000 },
    )
  })
})
