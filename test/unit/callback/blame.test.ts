import { expect, test } from 'vitest'

import { blameOf, blames } from '../../../src/callback/blame.ts'
import { outcomes } from '../../../src/callback/outcome.ts'

test('a success is nobody’s fault, and every failure is exactly one’s', () => {
  expect(blameOf('ok')).toBeUndefined()
  for (const outcome of outcomes.filter((outcome) => outcome !== 'ok')) {
    expect(blames).toContain(blameOf(outcome))
  }
})

test('handlers are not charged with our crashes or the configuration’s mistakes', () => {
  expect(blameOf('unknown')).toBe('proxy')
  expect(blameOf('blocked_target')).toBe('config')
  expect(blameOf('timeout_response')).toBe('handler')
  expect(blameOf('circuit_open')).toBe('handler')
})
