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
  expect(tracing.spans).toEqual([])
  expect(tracing.policy(policy)).toBe(policy)
  expect(tracing.pipeline(pipeline)).toBe(pipeline)
})

test('the trace context takes the place of the one that came; every other header stays as it was', () => {
  expect(withTraceparent('Host: a\r\nTraceParent: old\r\nX-A: 1\r\nx-a: 2\r\n', 'new')).toBe(
    'Host: a\r\nTraceParent: new\r\nX-A: 1\r\nx-a: 2\r\n',
  )
  expect(withTraceparent('Host: traceparent\r\n', 'new')).toBe('Host: traceparent\r\ntraceparent: new\r\n')
})
