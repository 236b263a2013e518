import { expect, test } from 'vitest'

import { timeForFallback, timeForPrimary, timeForTargets } from '../../../src/forward/budget.ts'

test('of 2.8 s, 100 ms are kept back; the primary gets 1.6 s beside a fallback, and all of it alone', () => {
  expect(timeForTargets(2800)).toBe(2700)
  expect(timeForPrimary(2700, 2800, true)).toBe(1600)
  expect(timeForPrimary(2700, 2800, false)).toBe(2700)
})

test('the fallback gets what is left, or no try when that is under 0.7 s', () => {
  expect(timeForFallback(2690, 2800)).toBe(2690)
  expect(timeForFallback(700, 2800)).toBe(700)
  expect(timeForFallback(699, 2800)).toBe(0)
})

test('shares scale with the deadline, the reserve stops growing', () => {
  expect(timeForTargets(280)).toBe(270)
  expect(timeForPrimary(270, 280, true)).toBe(160)
  expect(timeForTargets(28_000)).toBe(27_900)
  expect(timeForPrimary(27_900, 28_000, true)).toBe(16_000)
  expect(timeForFallback(6_999, 28_000)).toBe(0)
})

test('a primary that starts late leaves the fallback its least share, as long as both can work', () => {
  expect(timeForPrimary(2000, 2800, true)).toBe(1300)
  expect(timeForPrimary(1400, 2800, true)).toBe(700)
  expect(timeForPrimary(1399, 2800, true)).toBe(1399)
})

test('without time there is no try', () => {
  expect(timeForPrimary(0, 2800, true)).toBe(0)
  expect(timeForPrimary(-5, 2800, false)).toBe(0)
  expect(timeForFallback(-5, 2800)).toBe(0)
})
