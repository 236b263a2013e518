import type { Attempt, Delivery } from '../../callback/attempt.ts'
import type { Exchange } from '../../callback/callback.ts'
import { streakKey } from '../../callback/streak-key.ts'
import type { Refusal } from '../ledger.ts'
import type { BatchWriter } from './batch-writer.ts'
import { recordType } from './records.ts'

// The order of numbers and texts here is the order of decode.ts. Kept records lie on disk while a callback waits:
// a change of their form takes a new record type, and the old one stays readable.

const NOTHING = new Uint8Array()
const KEPT_TEXTS = 22

export function encodeKept(out: BatchWriter, exchange: Exchange): void {
  const { callback, route, facts } = exchange
  out.start(recordType.kept, 3, KEPT_TEXTS)
  out.number(callback.receivedAt)
  out.number(facts.isProbe ? 1 : 0)
  out.number(canWait(exchange) ? 1 : 0)
  out.text(callback.id)
  out.text(route.id)
  out.text(exchange.kind)
  out.text(exchange.verdict)
  out.text(callback.method)
  out.text(callback.path)
  out.text(callback.query)
  out.text(callback.peer)
  out.text(facts.event)
  out.text(facts.rawEvent)
  out.text(facts.callId)
  out.text(facts.account)
  out.text(facts.application)
  out.text(facts.trunk)
  out.text('') // once the discriminator: it may hold what a caller typed, and the content hash covers it
  out.text(facts.kind)
  out.text(exchange.guardKey)
  out.text(exchange.bodyHash)
  out.text(exchange.duplicateOf ?? '')
  out.text(exchange.traceparent)
  out.text(targetLabels(exchange))
  out.text(callback.headers)
  out.end(callback.body)
}

/** A callback that may be answered on a handler's behalf and delivered later: only notify, where the reply says nothing. */
export function canWait({ kind, route }: Exchange): boolean {
  return kind === 'notify' && (route.onFailure === 'rescue' || route.reply === 'ack')
}

/** Labels of the targets, one a line: URLs hold no line break. */
function targetLabels({ route }: Exchange): string {
  const [primary, fallback] = route.targets
  return fallback === undefined ? primary.label : `${primary.label}\n${fallback.label}`
}

/** @param replyLimit most bytes of a reply's body that are kept */
export function encodeAttempt(
  out: BatchWriter,
  exchange: Exchange,
  attempt: Attempt,
  replyLimit: number,
): void {
  const { phases, reply, target } = attempt
  const headers = reply?.headers ?? []
  out.start(recordType.attempt, 12, 9 + headers.length)
  out.number(attempt.number)
  out.number(attempt.startedAt)
  out.number(attempt.status)
  out.number(phases.dns)
  out.number(phases.connect)
  out.number(phases.tls)
  out.number(phases.firstByte)
  out.number(phases.total)
  out.number(attempt.resent ? 1 : 0)
  out.number(exchange.facts.isProbe ? 1 : 0)
  out.number(reply === undefined ? 0 : 1)
  out.number(reply?.body.length ?? 0)
  out.text(exchange.callback.id)
  out.text(exchange.route.id)
  out.text(target.role)
  out.text(target.label)
  out.text(attempt.via)
  out.text(attempt.outcome)
  out.text(attempt.error)
  out.text(exchange.duplicateOf ?? '')
  out.text(streakKey(exchange.route, target))
  for (const header of headers) out.text(header)
  out.end(reply === undefined ? NOTHING : reply.body.subarray(0, replyLimit))
}

export function encodeSettled(out: BatchWriter, exchange: Exchange, delivery: Delivery): void {
  const { answer } = delivery
  out.start(recordType.settled, 5, 6)
  out.number(delivery.answerStatus)
  out.number(delivery.answerMs)
  out.number(delivery.dueAt ?? Number.NaN)
  out.number(delivery.fence ?? 0)
  out.number(answer === undefined ? 0 : 1)
  out.text(exchange.callback.id)
  out.text(exchange.route.id)
  out.text(delivery.result)
  out.text(delivery.blame ?? '')
  out.text(delivery.lastOutcome ?? '')
  out.text(answer === undefined ? '' : contentTypeOf(answer.headers))
  out.end(answer === undefined ? NOTHING : answer.body)
}

function contentTypeOf(headers: readonly string[]): string {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === 'content-type') return headers[i + 1] ?? ''
  }
  return ''
}

export function encodeRefusal(out: BatchWriter, refusal: Refusal): void {
  out.start(recordType.refusal, 2, 6)
  out.number(refusal.receivedAt)
  out.number(refusal.status)
  out.text(refusal.id)
  out.text(refusal.route)
  out.text(refusal.reason)
  out.text(refusal.method)
  out.text(refusal.path)
  out.text(refusal.peer)
  out.end(NOTHING)
}
