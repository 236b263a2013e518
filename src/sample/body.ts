import { randomBytes } from 'node:crypto'

import { eventRow } from '../callback/event.ts'

export interface Sample {
  readonly contentType: string
  /** Of a form, texts and numbers only. */
  readonly fields: Readonly<Record<string, string | number | object>>
}

/** Whom a sample callback is about. */
export interface SampleOf {
  readonly event: string
  readonly callId: string
  readonly account: string
  readonly application?: string | undefined
  readonly trunk?: string | undefined
}

const FROM = '+14155551234'
const TO = '+14155555678'

const statuses: Readonly<Record<string, string>> = {
  'call.initiated': 'initiated',
  'call.answered': 'in-progress',
  'call.completed': 'completed',
  'call.failed': 'failed',
}

/** The JSON body of the callback configurations (https://www.docs.vobiz.ai/concepts/callbacks). */
export function jsonSample({ event, callId, account, application, trunk }: SampleOf): Sample {
  const topic = eventRow(event)?.topic ?? event
  return {
    contentType: 'application/json',
    fields: {
      event,
      call_id: callId,
      from: FROM,
      to: TO,
      status: statuses[topic] ?? 'completed',
      ...(topic === 'call.completed' ? { duration: 125 } : {}),
      ...(topic === 'recording.completed' ? { recording_id: `rec-${callId}`, recording_duration: 42 } : {}),
      account_id: account,
      ...(application === undefined ? {} : { application_id: application }),
      ...(trunk === undefined ? {} : { trunk_id: trunk }),
    },
  }
}

/** The form of voice callbacks (https://vobiz.ai/docs/concepts/callbacks). */
export function formSample({ event, callId, account, application, trunk }: SampleOf): Sample {
  const topic = eventRow(event)?.topic ?? event
  const isOver = topic === 'call.completed'
  return {
    contentType: 'application/x-www-form-urlencoded',
    fields: {
      Event: event,
      CallUUID: callId,
      From: FROM,
      To: TO,
      Direction: 'outbound',
      CallStatus: statuses[topic] === 'initiated' ? 'ringing' : (statuses[topic] ?? 'in-progress'),
      ...(isOver ? { Duration: 125, BillDuration: 120, HangupCause: 'NORMAL_CLEARING' } : {}),
      ...(topic === 'recording.completed' ? { RecordingID: `rec-${callId}`, RecordingDuration: 42 } : {}),
      auth_id: account,
      ...(application === undefined ? {} : { ApplicationID: application }),
      ...(trunk === undefined ? {} : { TrunkID: trunk }),
    },
  }
}

/** The bytes of a sample; `set` replaces fields or adds them. */
export function sampleBody(
  { contentType, fields }: Sample,
  set: Readonly<Record<string, string>>,
): Uint8Array {
  const all = { ...fields, ...set }
  const text =
    contentType === 'application/json'
      ? JSON.stringify(all)
      : new URLSearchParams(Object.entries(all).map(([name, value]) => [name, textOf(value)])).toString()
  return new TextEncoder().encode(text)
}

function textOf(value: string | number | object): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** A call id that nobody takes for a real one. */
export function newCallId(): string {
  return `test-${randomBytes(8).toString('hex')}`
}
