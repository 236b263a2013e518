import type { DeliveryResult, RefusalReason, Via } from '../../callback/attempt.ts'
import type { Blame } from '../../callback/blame.ts'
import type { Verdict } from '../../callback/callback.ts'
import type { Kind } from '../../callback/kind.ts'
import type { Facts } from '../../callback/event.ts'
import { headerTextOf } from '../../callback/header-text.ts'
import type { Outcome } from '../../callback/outcome.ts'
import type { Role } from '../../callback/route.ts'
import { RecordReader } from './record-reader.ts'
import {
  type AttemptRecord,
  isKept,
  type KeptRecord,
  recordType,
  type RefusalRecord,
  type SettledRecord,
} from './records.ts'

// Reads what encode.ts wrote, value by value in the same order.

/** @param type of the record */
export function decodeKept(from: RecordReader, type: number): KeptRecord {
  const receivedAt = from.number()
  const isProbe = from.number() === 1
  const canWait = from.number() === 1
  return {
    receivedAt,
    canWait,
    id: from.text(),
    route: from.text(),
    kind: from.text() as Kind,
    verdict: from.text() as Verdict,
    method: from.text() as 'GET' | 'POST',
    path: from.text(),
    query: from.text(),
    peer: from.text(),
    facts: decodeFacts(from, isProbe),
    guardKey: from.text(),
    bodyHash: from.text(),
    duplicateOf: from.text(),
    traceparent: from.text(),
    targets: from.text().split('\n'),
    headers: type === recordType.kept ? from.text() : headerTextOf(from.texts()),
    body: from.blob(),
  }
}

function decodeFacts(from: RecordReader, isProbe: boolean): Facts {
  return {
    event: from.text(),
    rawEvent: from.text(),
    callId: from.text(),
    account: from.text(),
    application: from.text(),
    trunk: from.text(),
    discriminator: from.text(),
    kind: from.text() as Kind,
    isProbe,
  }
}

/** Only the id of a kept record. Ids are ours, and ASCII (callback/id.ts). */
export function idOfKept(from: RecordReader): string {
  return from.firstText()
}

/** A kept record as it lies in the inbox. */
export function decodeKeptBytes(bytes: Uint8Array): KeptRecord {
  const reader = new RecordReader(bytes)
  const type = reader.next()
  if (type === undefined || !isKept(type)) throw new RangeError('not a kept callback')
  return decodeKept(reader, type)
}

export function decodeAttempt(from: RecordReader): AttemptRecord {
  const number = from.number()
  const startedAt = from.number()
  const status = from.number()
  const dnsMs = from.number()
  const connectMs = from.number()
  const tlsMs = from.number()
  const firstByteMs = from.number()
  const totalMs = from.number()
  const resent = from.number() === 1
  const isProbe = from.number() === 1
  const hasReply = from.number() === 1
  const bytes = from.number()
  return {
    number,
    startedAt,
    status,
    dnsMs,
    connectMs,
    tlsMs,
    firstByteMs,
    totalMs,
    resent,
    isProbe,
    callbackId: from.text(),
    route: from.text(),
    target: from.text() as Role,
    label: from.text(),
    via: from.text() as Via,
    outcome: from.text() as Outcome,
    error: from.text(),
    duplicateOf: from.text(),
    streakKey: from.text(),
    reply: hasReply ? { headers: from.texts(), body: from.blob(), bytes } : undefined,
  }
}

export function decodeSettled(from: RecordReader): SettledRecord {
  const answerStatus = from.number()
  const answerMs = from.number()
  const dueAt = from.number()
  const fence = from.number()
  const hasAnswer = from.number() === 1
  return {
    answerStatus,
    answerMs,
    dueAt,
    fence,
    callbackId: from.text(),
    route: from.text(),
    result: from.text() as DeliveryResult,
    blame: from.text() as Blame | '',
    lastOutcome: from.text() as Outcome | '',
    answer: hasAnswer ? { contentType: from.text(), body: from.blob() } : undefined,
  }
}

export function decodeRefusal(from: RecordReader): RefusalRecord {
  const receivedAt = from.number()
  const status = from.number()
  return {
    receivedAt,
    status,
    id: from.text(),
    route: from.text(),
    reason: from.text() as RefusalReason,
    method: from.text(),
    path: from.text(),
    peer: from.text(),
  }
}
