import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Calm } from '../../../src/alerts/calm.ts'
import { newWatch, withSuccess } from '../../../src/alerts/watch.ts'
import { anAttempt } from '../../support/alert-builders.ts'

describe('a target that is well', () => {
  it('has the same watch whether its successes are followed step by step or only counted', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(50))), (looks) => {
        let stepped = newWatch('calls', 'primary', 'https://h.example.com')
        let counted = stepped
        const calm = new Calm(counted)
        for (const arrivals of looks) {
          for (const arrival of arrivals) {
            const id = `01K${String(arrival).padStart(23, '0')}`
            const attempt = anAttempt('ok', { startedAt: arrival, body: 'x'.repeat(arrival) })
            stepped = withSuccess(stepped, id, attempt)
            calm.succeeded(id, attempt)
          }
          counted = calm.foldInto(counted)
          expect(counted).toEqual(stepped)
        }
      }),
    )
  })
})
