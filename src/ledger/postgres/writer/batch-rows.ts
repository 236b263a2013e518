import type { AttemptRecord, KeptRecord, RefusalRecord } from '../../codec/records.ts'
import { redactTarget, redactWords } from '../../redact.ts'
import type { Change } from '../../writing/batch-plan.ts'

// Rows of a batch as the statements of committer.ts read them. Names are those of the columns.

/** Where a message lies: line `slot` of a block. */
export interface Place {
  readonly block: number
  readonly slot: number
}

const PENDING = { result: 'pending', blame: '', answerStatus: 0, answerMs: 0 } as const

export function callbackRow(record: KeptRecord, change: Change | undefined, place: Place) {
  const { facts } = record
  const { result, blame, answerStatus, answerMs } = change?.settled ?? PENDING
  return {
    id: record.id,
    received_at: record.receivedAt,
    route: record.route,
    account: facts.account,
    event: facts.event,
    raw_event: facts.rawEvent,
    call_id: facts.callId,
    kind: record.kind,
    method: record.method,
    path: redactTarget(record.path, record.query),
    verdict: record.verdict,
    result,
    blame,
    attempts: change?.attempts ?? 0,
    last_outcome: change?.lastOutcome ?? '',
    answer_status: answerStatus,
    answer_ms: answerMs,
    note: '',
    body_bytes: record.body.length,
    duplicate_of: record.duplicateOf,
    peer: record.peer,
    traceparent: record.traceparent,
    guard_key: record.guardKey,
    body_hash: record.bodyHash,
    ...place,
  }
}

/** @param place of the reply; undefined when there was none */
export function attemptRow(attempt: AttemptRecord, place: Place | undefined) {
  return {
    callback_id: attempt.callbackId,
    number: attempt.number,
    target: attempt.target,
    url: attempt.label,
    via: attempt.via,
    started_at: attempt.startedAt,
    outcome: attempt.outcome,
    status: attempt.status,
    dns_ms: phase(attempt.dnsMs),
    connect_ms: phase(attempt.connectMs),
    tls_ms: phase(attempt.tlsMs),
    first_byte_ms: phase(attempt.firstByteMs),
    total_ms: phase(attempt.totalMs),
    error: redactWords(attempt.error),
    resent: attempt.resent,
    block: place?.block ?? null,
    slot: place?.slot ?? null,
  }
}

export function refusalRow({ id, receivedAt, route, reason, status, method, path, peer }: RefusalRecord) {
  return { id, received_at: receivedAt, route, reason, status, method, path: redactTarget(path, ''), peer }
}

export function changeRow(id: string, { settled, attempts, lastOutcome }: Change) {
  const { result, blame, answerStatus, answerMs } = settled ?? PENDING
  return {
    id,
    attempts,
    last_outcome: lastOutcome,
    is_settled: settled !== undefined,
    result,
    blame,
    answer_status: answerStatus,
    answer_ms: answerMs,
  }
}

/** Milliseconds to the microsecond, null for a phase that did not happen. */
function phase(ms: number): number | null {
  return Number.isNaN(ms) ? null : Math.round(ms * 1000) / 1000
}
