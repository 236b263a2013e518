import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { ContentMarks } from '../../../../src/verify/guard/memory/content-marks.ts'

const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)
const PRIME = 2 ** 32 - 5
const HASH = createHash('sha256').update('body').digest('hex')

const half = fc.oneof(fc.constantFrom(0, 1, 0x8000, 0xffff), fc.nat(0xffff))
const factor = fc.oneof(fc.constantFrom(0, 1, PRIME - 1), fc.nat(PRIME - 1))
const halves = fc.array(half, { minLength: 8, maxLength: 8 })
const factors = fc.array(factor, { minLength: 8, maxLength: 8 })

function hashOf(parts: readonly number[]): string {
  return HASH.slice(0, 32) + parts.map((part) => part.toString(16).padStart(4, '0')).join('')
}

test(`a mark is the exact sum of the parts, each with its factor, modulo a prime (seed ${seed})`, () => {
  const most = Array.from({ length: 8 }, () => [0xffff, PRIME - 1] as const)
  fc.assert(
    fc.property(halves, factors, (parts, key) => {
      const sum = parts.reduce((before, part, i) => before + BigInt(part) * BigInt(key[i] ?? 0), 0n)
      expect(new ContentMarks(Float64Array.from(key)).of(hashOf(parts))).toBe(Number(sum % BigInt(PRIME)) | 0)
    }),
    { seed, examples: [[most.map(([part]) => part), most.map(([, key]) => key)]] },
  )
})

// What a product modulo 2^32 would give away: the same upper bits in two words, and the like.
const differences = [
  [0x8000, 0, 0x8000, 0],
  [0, 0, 0, 0, 0x8000, 0, 0x8000, 0],
  [0xc000, 0, 0x4000, 0],
  [1, 0, 1, 0],
  [0, 1, 0xffff, 0],
  [0, 0, 0, 0, 0, 0, 0, 1],
]

test.each(differences.map((difference) => ({ difference })))(
  'no key that is drawn gives one mark to contents that differ by $difference',
  ({ difference }) => {
    const parts = [0, 0, 0, 0, 0, 0, 0, 0].map((_, i) => parseInt(HASH.slice(32 + 4 * i, 36 + 4 * i), 16))
    const other = parts.map((part, i) => part ^ (difference[i] ?? 0))
    for (let key = 0; key < 500; key++) {
      const marks = new ContentMarks()
      expect(marks.of(hashOf(other))).not.toBe(marks.of(hashOf(parts)))
    }
  },
)

test('everyone has a key of his own', () => {
  expect(new ContentMarks().of(HASH)).not.toBe(new ContentMarks().of(HASH))
})

test.each([-1, 0.5, PRIME, Number.NaN, Infinity])('a key with %d in it is refused', (number) => {
  const key = Float64Array.from([1, 2, 3, 4, 5, 6, 7, number])
  const reader = { read: (piece: NodeJS.ArrayBufferView) => (piece as Float64Array).set(key) }
  expect(() => ContentMarks.fromImage(reader)).toThrow('a key that is none')
})
