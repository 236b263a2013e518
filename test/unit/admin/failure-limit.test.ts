import { describe, expect, it } from 'vitest'

import { createFailureLimit } from '../../../src/admin/access/failure-limit.ts'

describe('the limit of failed sign-ins', () => {
  it('closes after so many in a minute and opens again as they age', () => {
    const limit = createFailureLimit(3)
    for (const at of [0, 10_000, 20_000]) {
      expect(limit.waitMs('a', at)).toBe(0)
      limit.failed('a', at)
    }
    expect(limit.waitMs('a', 20_000)).toBe(40_000)
    expect(limit.waitMs('b', 20_000)).toBe(0)
    expect(limit.waitMs('a', 59_999)).toBe(1)
    expect(limit.waitMs('a', 60_000)).toBe(0)
    limit.failed('a', 60_000)
    expect(limit.waitMs('a', 60_000)).toBe(10_000)
  })

  it('remembers a bounded number of peers', () => {
    const limit = createFailureLimit(1)
    for (let n = 0; n <= 10_000; n++) limit.failed(`peer-${n}`, n / 1000)
    expect(limit.waitMs('peer-0', 11)).toBe(0)
    expect(limit.waitMs('peer-1', 11)).toBeGreaterThan(0)
  })
})
