import { ProxyTracerProvider, trace, type Tracer } from '@opentelemetry/api'

import type { Pipeline, Policy } from '../pipeline.ts'
import type { RecordListener } from '../teller.ts'
import { createSpanListener } from './span-listener.ts'
import { tracedPipeline } from './traced-pipeline.ts'
import { createPolicyTracer } from './traced-verifiers.ts'

/** Spans of callbacks, wrapped around the parts that they tell of; those know nothing of it. */
export interface Tracing {
  /** A span `receive` around each callback, which the handler is told of. */
  pipeline(inner: Pipeline): Pipeline
  /** A span `verify` for each signature that is checked. */
  policy(inner: () => Policy): () => Policy
  /** Spans `attempt` and `rescue`. */
  readonly spans: readonly RecordListener[]
}

/**
 * Spans for an OpenTelemetry SDK that somebody registered in this process before Ringback began (`node --import`).
 * When nobody did, every part is handed back as it is: then nothing of this stands in any callback's way.
 */
export function openTracing(version: string): Tracing {
  const tracer = registeredTracer(version)
  if (tracer === undefined) return { pipeline: (inner) => inner, policy: (inner) => inner, spans: [] }
  const withSpans = createPolicyTracer(tracer)
  return {
    pipeline: (inner) => tracedPipeline(inner, tracer),
    policy: (inner) => () => withSpans(inner()),
    spans: [createSpanListener(tracer)],
  }
}

function registeredTracer(version: string): Tracer | undefined {
  const provider = trace.getTracerProvider()
  // Our copy of the API hands out its own proxy only when no copy has a provider.
  return provider instanceof ProxyTracerProvider
    ? provider.getDelegateTracer('ringback', version)
    : provider.getTracer('ringback', version)
}
