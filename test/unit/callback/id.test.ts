import fc from 'fast-check'
import { expect, test } from 'vitest'

import { createIdMaker, firstIdAt, idOf, packRandom, timeOfId } from '../../../src/callback/id.ts'

const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)
const NOW_MS = 1_767_225_600_123

test('an id is a ULID that tells when it was made', () => {
  const id = createIdMaker(Math.random)(NOW_MS)
  expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/)
  expect(timeOfId(id)).toBe(NOW_MS)
})

test.each([() => 0, () => 0.999_999, Math.random])(
  `ids grow strictly, also when the clock stands or steps back (seed ${seed})`,
  (random) => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { maxLength: 50 }), (steps) => {
        const newId = createIdMaker(random)
        let now = NOW_MS
        let last = ''
        for (const step of steps) {
          now += step
          const id = newId(now)
          expect(id > last).toBe(true)
          last = id
        }
      }),
      { seed, numRuns: 300 },
    )
  },
)

test('a hundred thousand ids of one millisecond grow even where the random part began at its highest', () => {
  const newId = createIdMaker(() => 0.999_999)
  const ids = Array.from({ length: 100_000 }, () => newId(NOW_MS))
  expect(ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? ''))).toBe(true)
})

test(`ids come after the newest of an earlier process, wherever the clock stands (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.integer({ min: -7_200_000, max: 7_200_000 }), (stepMs) => {
      const newest = createIdMaker(Math.random)(NOW_MS)
      const newId = createIdMaker(Math.random, newest)
      const ids = [newest, newId(NOW_MS + stepMs), newId(NOW_MS + stepMs), newId(NOW_MS + 7_200_001)]
      expect(ids.toSorted()).toEqual(ids)
      expect(new Set(ids).size).toBe(4)
      expect(timeOfId(ids[3]!)).toBe(NOW_MS + 7_200_001)
      expect(timeOfId(ids[1]!)).toBe(NOW_MS + Math.max(stepMs, 1))
    }),
    { seed, numRuns: 300 },
  )
})

test('the first id of a moment separates what was made before from what was made then', () => {
  expect(createIdMaker(() => 0.999)(NOW_MS - 1) < firstIdAt(NOW_MS)).toBe(true)
  expect(createIdMaker(() => 0)(NOW_MS) >= firstIdAt(NOW_MS)).toBe(true)
  expect(timeOfId(firstIdAt(-5))).toBe(0)
})

test(`an id is put together again from its time and its packed random bits (seed ${seed})`, () => {
  const words = new Int32Array(4)
  fc.assert(
    fc.property(fc.ulid(), (id) => {
      const rest = packRandom(id, words, 1)
      expect(rest).toBe(rest & 0xffff)
      expect(idOf(timeOfId(id), words, 1, rest)).toBe(id)
      expect([words[0], words[3]]).toEqual([0, 0])
    }),
    { seed, numRuns: 1000 },
  )
})
