import fc from 'fast-check'
import { expect, test } from 'vitest'

import { GatheredBytes } from '../../../src/callback/gathered-bytes.ts'

const seed = Number(process.env['RINGBACK_SEED'] ?? Date.now() % 2 ** 31)

test(`pieces stand one behind the other, whatever becomes of the memory they came in (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 40 }), (pieces) => {
      const gathered = new GatheredBytes()
      for (const piece of pieces) {
        const borrowed = Buffer.from(piece)
        gathered.add(borrowed)
        borrowed.fill(0)
      }
      const whole = Buffer.concat(pieces)
      expect(gathered.length).toBe(whole.length)
      expect(gathered.all().equals(whole)).toBe(true)
      expect(gathered.isCrumbled).toBe(false)
    }),
    { seed, numRuns: 200 },
  )
})

test.each([
  ['4,097 pieces of 15 bytes', 4097, 15, true],
  ['4,096 pieces of one byte', 4096, 1, false],
  ['5,000 pieces of 16 bytes', 5000, 16, false],
])('crumbled are many tiny pieces only: %s', (_name, count, bytes, expected) => {
  const gathered = new GatheredBytes()
  for (let i = 0; i < count; i++) gathered.add(new Uint8Array(bytes))
  expect(gathered.isCrumbled).toBe(expected)
})
