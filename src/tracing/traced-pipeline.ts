import { context, isSpanContextValid, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api'

import { headerValuesOf } from '../callback/header-text.ts'
import type { Pipeline } from '../pipeline.ts'
import { contextOf, traceparentOf, withTraceparent } from './trace-context.ts'

/**
 * Each callback inside a span `receive`. From there on that span is the callback's trace context: on its log lines, in
 * the ledger, and in the header that the handler gets, so that all of it, and what is rescued hours later, hangs below.
 */
export function tracedPipeline(inner: Pipeline, tracer: Tracer): Pipeline {
  return {
    scopeOf: (path) => inner.scopeOf(path),
    async handle(callback, head, scope, helper) {
      const parent = contextOf(head.traceparent, headerValuesOf(callback.headers, 'tracestate')[0])
      const span = tracer.startSpan(
        'receive',
        {
          kind: SpanKind.SERVER,
          startTime: callback.receivedAt,
          attributes: { 'http.request.method': callback.method, 'ringback.callback': callback.id },
        },
        parent,
      )
      if (!isSpanContextValid(span.spanContext())) return inner.handle(callback, head, scope, helper)
      const traceparent = traceparentOf(span.spanContext())
      const headers = withTraceparent(callback.headers, traceparent)
      const run = (): ReturnType<Pipeline['handle']> =>
        inner.handle({ ...callback, headers }, { ...head, traceparent }, scope, helper)
      try {
        const answer = await context.with(trace.setSpan(parent, span), run)
        span.setAttribute('http.response.status_code', answer.status)
        if (answer.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
        return answer
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: 'an error of our own' })
        throw error
      } finally {
        span.end()
      }
    },
  }
}
