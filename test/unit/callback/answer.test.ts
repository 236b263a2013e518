import { expect, test } from 'vitest'

import { answerOfRefusal } from '../../../src/callback/answer.ts'
import { overloaded, tooFarAhead, withoutRequest } from '../../../src/ingress/refusals.ts'
import { backlogFull, notWritten } from '../../../src/pipeline/ends.ts'

test.each([
  ['a full replay guard', answerOfRefusal('overloaded')],
  ['a full backlog', backlogFull],
  ['a ledger that does not write', notWritten],
  ['callbacks under way', overloaded.answer],
  ['requests that wait for their answers', tooFarAhead.answer],
  ['open connections', withoutRequest[503]],
])('what is told 503 for %s may be sent again after a second', (_, answer) => {
  expect(answer?.status).toBe(503)
  expect(answer?.headers.join(': ')).toBe('Content-Type: application/problem+json: Retry-After: 1')
})
