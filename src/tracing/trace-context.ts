import { type Context, createTraceState, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api'

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

/** Raw headers, names and values in turn, with this trace context in the place of the one that came. */
export function withTraceparent(rawHeaders: readonly string[], traceparent: string): readonly string[] {
  const headers = [...rawHeaders]
  const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === 'traceparent')
  if (at === -1) headers.push('traceparent', traceparent)
  else headers[at + 1] = traceparent
  return headers
}

/** The first value of a raw header, or empty. */
export function headerOf(rawHeaders: readonly string[], name: string): string {
  const at = rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name)
  return at === -1 ? '' : (rawHeaders[at + 1] ?? '')
}
