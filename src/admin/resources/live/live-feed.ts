import type { Attempt, Delivery } from '../../../callback/attempt.ts'
import type { Exchange } from '../../../callback/callback.ts'
import type { Clock } from '../../../clock.ts'
import type { AttemptEvent, CallbackEvent, StreamEvent } from '../../api.ts'
import { createRecentEvents, type Missed } from './recent-events.ts'

/** How long after its last watcher left the feed remembers for those who come back. */
const REMEMBERED_MS = 60_000
/** And after its start: watchers of the process before come back within seconds, and what is remembered is a burden to V8. */
const AFTER_START_MS = 10_000

/** Hears of every attempt and callback, and passes them on to whoever watches. */
export interface LiveFeed {
  attempted(exchange: Exchange, attempt: Attempt): void
  settled(exchange: Exchange, delivery: Delivery): void
  subscribe(listener: (event: StreamEvent) => void): () => void
  /** What was told after the event with this id, as far as it is remembered. */
  after(eventId: string): Missed
}

/** A feed that costs nothing while nobody watches, or has watched a moment ago. */
export function createLiveFeed(clock: Clock): LiveFeed {
  const listeners = new Set<(event: StreamEvent) => void>()
  const recent = createRecentEvents()
  /** On the monotonic clock; undefined when nothing is remembered. */
  let forgetsAt: number | undefined = clock.mono() + AFTER_START_MS
  const isHeard = (): boolean => {
    if (listeners.size > 0) return true
    if (forgetsAt === undefined) return false
    if (clock.mono() < forgetsAt) return true
    forgetsAt = undefined
    recent.clear()
    return false
  }
  const tell = (event: StreamEvent) => {
    recent.push(event)
    for (const listener of listeners) listener(event)
  }
  return {
    attempted(exchange, attempt) {
      if (isHeard()) {
        tell({ type: 'attempt', at: clock.wall(), data: attemptEvent(exchange, attempt) })
      }
    },
    settled(exchange, delivery) {
      if (isHeard()) {
        tell({ type: 'callback', at: clock.wall(), data: callbackEvent(exchange, delivery) })
      }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        forgetsAt = clock.mono() + REMEMBERED_MS
      }
    },
    after: (eventId) => recent.after(eventId),
  }
}

function attemptEvent({ callback, route, facts }: Exchange, attempt: Attempt): AttemptEvent {
  return {
    callback_id: callback.id,
    route: route.id,
    event: facts.event,
    call_id: facts.callId,
    number: attempt.number,
    target: attempt.target.role,
    url: attempt.target.label,
    via: attempt.via,
    started_at: attempt.startedAt,
    outcome: attempt.outcome,
    status: attempt.status,
    total_ms: Number.isNaN(attempt.phases.total) ? null : attempt.phases.total,
    error: attempt.error,
  }
}

function callbackEvent(
  { callback, route, facts, kind, verdict }: Exchange,
  delivery: Delivery,
): CallbackEvent {
  return {
    id: callback.id,
    received_at: callback.receivedAt,
    route: route.id,
    event: facts.event,
    call_id: facts.callId,
    kind,
    verdict,
    result: delivery.result,
    blame: delivery.blame ?? '',
    answer_status: delivery.answerStatus,
    answer_ms: delivery.answerMs,
  }
}
