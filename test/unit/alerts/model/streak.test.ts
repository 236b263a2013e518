import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'

import { judgeStreak, signalOf } from '../../../../src/alerts/rule.ts'
import { foldStreak, noStreak } from '../../../../src/callback/streak.ts'
import { decisionOrder, idOf } from './schedule.ts'
import { StreakReference } from './streak-reference.ts'

vi.setConfig({ testTimeout: 60_000 })

const step = fc.record({
  succeeds: fc.boolean(),
  delay: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 5 })),
})

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)

describe(`the streak against a plain reference (SEED=${seed})`, () => {
  it('agrees with it for 10,000 interleavings of arrivals and decisions', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const reference = new StreakReference()
        let streak = noStreak
        let isFiring = false
        for (const arrival of decisionOrder(steps)) {
          const { succeeds } = steps[arrival]!
          reference.decide(arrival, succeeds)
          streak = foldStreak(streak, idOf(arrival), succeeds)
          const verdict = judgeStreak(streak, { consecutiveFailures: 3, resolveAfter: 2 })
          const signal = signalOf(verdict, isFiring)
          if (signal !== 'stay') isFiring = signal === 'fire'
          expect(isFiring).toBe(reference.isFiring)
          expect(streak.failures).toBe(reference.failed.size)
        }
      }),
      { numRuns: 10_000, seed },
    )
  })
})
