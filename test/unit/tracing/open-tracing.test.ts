import { expect, test } from 'vitest'

import type { Pipeline, Policy } from '../../../src/pipeline.ts'
import { openTracing } from '../../../src/tracing/open-tracing.ts'
import { withTraceparent } from '../../../src/tracing/trace-context.ts'

const policy = (): Policy => {
  throw new Error('not asked for')
}

test('without an SDK every part is handed back as it is, so nothing stands in the way of a callback', () => {
  const tracing = openTracing('1')
  const pipeline: Pipeline = {
    scopeOf: () => undefined,
    handle: () => Promise.reject(new Error('not asked for')),
  }
  expect(tracing.listeners).toEqual([])
  expect(tracing.policy(policy)).toBe(policy)
  expect(tracing.pipeline(pipeline)).toBe(pipeline)
})

test('the trace context takes the place of the one that came; every other header stays as it was', () => {
  const raw = ['Host', 'a', 'TraceParent', 'old', 'X-A', '1', 'x-a', '2']
  expect(withTraceparent(raw, 'new')).toEqual(['Host', 'a', 'TraceParent', 'new', 'X-A', '1', 'x-a', '2'])
  expect(withTraceparent(['Host', 'traceparent'], 'new')).toEqual([
    'Host',
    'traceparent',
    'traceparent',
    'new',
  ])
})
