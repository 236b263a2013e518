import { type Context, createTraceState, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api'

import { HeaderCursor, type HeaderText } from '../callback/header-text.ts'

/**
 * The context that a trace header tells of.
 *
 * @param traceparent well-formed, or empty for none
 */
export function contextOf(traceparent: string, tracestate = ''): Context {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-')
  if (traceId === '') return ROOT_CONTEXT
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
    ...(tracestate === '' ? {} : { traceState: createTraceState(tracestate) }),
  })
}

/** The header for whoever works for this span. Source: W3C Trace Context, §3.2. */
export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

/** Headers with this trace context in the place of the one that came. */
export function withTraceparent(headers: HeaderText, traceparent: string): HeaderText {
  for (const cursor = new HeaderCursor(headers); cursor.next();) {
    if (cursor.name.toLowerCase() !== 'traceparent') continue
    return `${headers.slice(0, cursor.colon)}: ${traceparent}\r\n${headers.slice(cursor.end)}`
  }
  return `${headers}traceparent: ${traceparent}\r\n`
}
