import { type Attributes, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api'

import type { Attempt, Delivery } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import type { RecordListener } from '../teller.ts'
import { contextOf, traceparentOf } from './trace-context.ts'

/** Spans of what is over: an attempt with its own times, a rescue from the arrival to the end of the wait. */
export function createSpanListener(tracer: Tracer): RecordListener {
  return {
    attempted(exchange, attempt) {
      const span = tracer.startSpan(
        'attempt',
        { kind: SpanKind.CLIENT, startTime: attempt.startedAt, attributes: ofAttempt(exchange, attempt) },
        contextOf(exchange.traceparent),
      )
      if (attempt.outcome !== 'ok') span.setStatus({ code: SpanStatusCode.ERROR, message: attempt.error })
      span.end(attempt.startedAt + attempt.phases.total)
    },
    settled(exchange, delivery) {
      if (wasRescued(delivery)) tellRescue(tracer, exchange, delivery)
      else describeReceive(exchange, delivery)
    },
  }
}

/** The provider was answered long ago. */
function wasRescued({ result, answerStatus }: Delivery): boolean {
  return (result === 'delivered_late' || result === 'dead') && answerStatus === 0
}

function tellRescue(tracer: Tracer, exchange: Exchange, delivery: Delivery): void {
  const options = { startTime: exchange.callback.receivedAt, attributes: ofDelivery(exchange, delivery) }
  const span = tracer.startSpan('rescue', options, contextOf(exchange.traceparent))
  if (delivery.result === 'dead') span.setStatus({ code: SpanStatusCode.ERROR, message: 'dead letter' })
  span.end()
}

/** Route and result are known only at the end of the span that is under way. */
function describeReceive(exchange: Exchange, delivery: Delivery): void {
  const span = trace.getActiveSpan()
  if (span === undefined || traceparentOf(span.spanContext()) !== exchange.traceparent) return
  span.setAttributes({ ...ofDelivery(exchange, delivery), 'ringback.verdict': exchange.verdict })
}

function ofDelivery({ callback, route, facts, kind }: Exchange, delivery: Delivery): Attributes {
  return {
    'ringback.callback': callback.id,
    'ringback.route': route.id,
    'ringback.event': facts.event,
    'ringback.kind': kind,
    'ringback.result': delivery.result,
  }
}

function ofAttempt({ callback, route }: Exchange, attempt: Attempt): Attributes {
  return {
    'ringback.callback': callback.id,
    'ringback.route': route.id,
    'ringback.target': attempt.target.role,
    'ringback.attempt': attempt.number,
    'ringback.via': attempt.via,
    'ringback.outcome': attempt.outcome,
    ...(attempt.status === 0 ? {} : { 'http.response.status_code': attempt.status }),
  }
}
