import fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  addCounts,
  addLatency,
  emptyLatency,
  encodeLatency,
  mergeLatency,
  quantile,
} from '../../../src/ledger/latency.ts'

test('a quantile is within a fifth of the exact one, also after a round trip', () => {
  const durations = fc.array(fc.double({ min: 1, max: 80_000, noNaN: true }), {
    minLength: 1,
    maxLength: 200,
  })
  fc.assert(
    fc.property(durations, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
      const counted = emptyLatency()
      for (const ms of all) addLatency(counted, ms)
      const read = emptyLatency()
      mergeLatency(read, encodeLatency(counted))
      const exact = all.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(all.length * share)) - 1] ?? 0
      const found = quantile(read, share) ?? Number.NaN
      expect(found / exact).toBeGreaterThan(0.83)
      expect(found / exact).toBeLessThan(1.2)
    }),
  )
})

test('nothing counted has no quantile, and what is not a duration is not counted', () => {
  const latency = emptyLatency()
  addLatency(latency, Number.NaN)
  addLatency(latency, -1)
  expect(quantile(latency, 0.5)).toBeNull()
})

test('histograms add up', () => {
  const one = emptyLatency()
  addLatency(one, 10)
  const sum = emptyLatency()
  mergeLatency(sum, encodeLatency(one))
  mergeLatency(sum, encodeLatency(one))
  expect(sum.reduce((a, b) => a + b)).toBe(2)
})

test('counts of any size come back, and add up', () => {
  const counted = emptyLatency()
  counted.set([1, 0, 255, 256, 65_536, 2 ** 24, 3_000_000_001])
  const read = emptyLatency()
  mergeLatency(read, encodeLatency(counted))
  expect(read).toEqual(counted)
  addCounts(
    read,
    Uint32Array.from(counted, (count) => (count > 2 ** 24 ? 0 : count)),
  )
  expect([...read].slice(0, 7)).toEqual([2, 0, 510, 512, 131_072, 2 ** 25, 3_000_000_001])
})
