import { context, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api'

import type { Policy } from '../pipeline.ts'
import type { Verifier } from '../verify/verifier.ts'

/** Policies whose verifiers make a span; one for each policy, because a callback asks for it every time. */
export function createPolicyTracer(tracer: Tracer): (policy: Policy) => Policy {
  const traced = new WeakMap<Policy, Policy>()
  return (policy) => {
    let found = traced.get(policy)
    if (found === undefined) {
      const verifiers = [...policy.verifiers].map(
        ([ring, verify]) => [ring, tracedVerifier(verify, tracer)] as const,
      )
      found = { ...policy, verifiers: new Map(verifiers) }
      traced.set(policy, found)
    }
    return found
  }
}

function tracedVerifier(verify: Verifier, tracer: Tracer): Verifier {
  return (request, receivedAt) => {
    // Without the SDK's context manager nobody knows whose signature this is.
    if (trace.getActiveSpan() === undefined) return verify(request, receivedAt)
    const span = tracer.startSpan('verify', {}, context.active())
    const verification = verify(request, receivedAt)
    if (!verification.ok) span.setStatus({ code: SpanStatusCode.ERROR, message: verification.reason })
    span.end()
    return verification
  }
}
