import type { AttemptEvent, CallbackEvent, CallbackRow } from '../../admin/api.ts'

/** One attempt as a bar of a live row. */
export interface Try {
  readonly number: number
  readonly target: string
  readonly outcome: string
  readonly status: number
  /** Null when it was cut off. */
  readonly ms: number | null
}

/** One line of the live view: a callback with its live attempts, or one later attempt of it. */
export interface LiveRow {
  readonly key: string
  readonly id: string
  readonly at: number
  readonly route: string
  readonly event: string
  readonly callId: string
  /** `pending` until it was answered. */
  readonly result: string
  readonly via: 'live' | 'rescue' | 'replay'
  readonly tries: readonly Try[]
  readonly lastOutcome: string
  readonly answerStatus: number
  readonly answerMs: number
}

/** The row with an attempt added. */
export function withAttempt(row: LiveRow | undefined, event: AttemptEvent): LiveRow {
  const made: Try = {
    number: event.number,
    target: event.target,
    outcome: event.outcome,
    status: event.status,
    ms: event.total_ms,
  }
  const base: LiveRow = row ?? {
    key: rowKey(event),
    id: event.callback_id,
    at: event.started_at,
    route: event.route,
    event: event.event,
    callId: event.call_id,
    result: event.via === 'live' ? 'pending' : lateResult(event),
    via: event.via,
    tries: [],
    lastOutcome: '',
    answerStatus: 0,
    answerMs: 0,
  }
  const others = base.tries.filter(({ number }) => number !== made.number)
  return { ...base, tries: [...others, made], lastOutcome: event.outcome }
}

/** The row with what the provider was told. */
export function withAnswer(row: LiveRow | undefined, event: CallbackEvent): LiveRow {
  return {
    key: event.id,
    id: event.id,
    at: event.received_at,
    route: event.route,
    event: event.event,
    callId: event.call_id,
    via: 'live',
    tries: row?.tries ?? [],
    lastOutcome: row?.lastOutcome ?? '',
    result: event.result,
    answerStatus: event.answer_status,
    answerMs: event.answer_ms,
  }
}

/** What the ledger knows of a callback; attempts that were seen happen are known better than that. */
export function withLedger(known: LiveRow | undefined, row: CallbackRow): LiveRow {
  const last = { number: row.attempts, target: '', outcome: row.last_outcome, status: 0, ms: row.answer_ms }
  const seen = known?.tries ?? []
  const tries: readonly Try[] = seen.length > 0 || row.attempts === 0 ? seen : [last]
  return {
    key: row.id,
    id: row.id,
    at: row.received_at,
    route: row.route,
    event: row.event,
    callId: row.call_id,
    result: row.result,
    via: 'live',
    tries,
    lastOutcome: row.last_outcome,
    answerStatus: row.answer_status,
    answerMs: row.answer_ms,
  }
}

export function rowKey(event: AttemptEvent): string {
  return event.via === 'live' ? event.callback_id : `${event.callback_id}.${event.number}`
}

function lateResult({ outcome, via }: AttemptEvent): string {
  if (outcome === 'ok') return 'delivered_late'
  return via === 'rescue' ? 'rescued' : 'failed'
}
