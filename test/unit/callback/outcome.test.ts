import { expect, test } from 'vitest'

import { outcomeOfStatus, outcomes } from '../../../src/callback/outcome.ts'

test.each([
  [200, 'ok'],
  [201, 'ok'],
  [204, 'ok'],
  [299, 'ok'],
  [300, 'http_3xx'],
  [304, 'http_3xx'],
  [400, 'http_4xx'],
  [404, 'http_4xx'],
  [429, 'http_429'],
  [499, 'http_4xx'],
  [500, 'http_5xx'],
  [503, 'http_5xx'],
  [599, 'http_5xx'],
  [0, 'protocol'],
  [101, 'protocol'],
  [199, 'protocol'],
  [600, 'protocol'],
  [999, 'protocol'],
])('status %i is %s', (status, outcome) => {
  expect(outcomeOfStatus(status)).toBe(outcome)
})

test('every status has an outcome of the closed set', () => {
  for (let status = 0; status < 1000; status++) expect(outcomes).toContain(outcomeOfStatus(status))
})
