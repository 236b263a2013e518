import { describe, expect, test } from 'vitest'

import { callbackTypeOf, callbackTypes } from '../../../src/callback/callback-types.ts'
import { eventNames, eventRow } from '../../../src/callback/event.ts'
import { readFacts } from '../../../src/callback/facts.ts'

const common = 'CallUUID=u1&From=14155551234&To=14155559999&Direction=inbound'

/** What an example is, as it should be read. */
interface Example {
  readonly title: string
  /** A form, or an object that is sent as JSON. */
  readonly body: string | object
  readonly type: string
  readonly kind: 'xml' | 'notify'
  readonly callId?: string
  readonly discriminator?: string
}

/** One of each kind of callback that the platform documents, with the fields that its pages list. */
const examples: readonly Example[] = [
  {
    title: 'answer, outbound',
    body: `${common}&Event=StartApp&CallStatus=in-progress`,
    type: 'answer',
    kind: 'xml',
  },
  { title: 'answer, inbound', body: `${common}&CallStatus=ringing`, type: 'unnamed step', kind: 'xml' },
  { title: 'answer fallback', body: `${common}&Event=StartApp&CallerName=a`, type: 'answer', kind: 'xml' },
  {
    title: 'ring',
    body: `${common}&Event=Ring&CallStatus=ringing&RequestUUID=u1`,
    type: 'ring',
    kind: 'notify',
  },
  {
    title: 'hangup',
    body: `${common}&Event=Hangup&CallStatus=completed&HangupCause=NORMAL_CLEARING`,
    type: 'hangup',
    kind: 'notify',
  },
  {
    title: 'hangup without a name',
    body: 'CallUUID=u1&CallStatus=completed&Duration=45&HangupCause=NORMAL_CLEARING',
    type: 'hangup',
    kind: 'notify',
  },
  {
    title: 'machine detection',
    body: `${common}&Event=MachineDetection&Machine=true&CallStatus=in-progress`,
    type: 'machine detection',
    kind: 'notify',
  },
  {
    title: 'message',
    body: 'From=1&To=2&Text=hi&MessageUUID=m1',
    type: 'message',
    kind: 'notify',
    callId: '',
    discriminator: 'MessageUUID=m1;',
  },
  {
    title: 'SIP transfer',
    body: `${common}&CallStatus=in-progress`,
    type: 'unnamed step',
    kind: 'xml',
  },
  { title: 'transfer', body: `${common}&Event=Transfer`, type: 'transfer', kind: 'xml' },
  {
    title: 'redirect',
    body: `${common}&Event=Redirect&CallStatus=in-progress`,
    type: 'redirect',
    kind: 'xml',
  },
  {
    title: 'gather action',
    body: `${common}&InputType=dtmf&Digits=1&Speech=`,
    type: 'gather action',
    kind: 'xml',
    discriminator: 'Digits=1;',
  },
  {
    title: 'gather action after a timeout',
    body: `${common}&Digits=&Speech=&CallStatus=in-progress`,
    type: 'gather action',
    kind: 'xml',
  },
  {
    title: 'interim speech',
    body: `${common}&CallStatus=in-progress&StableSpeech=a&UnstableSpeech=b&SequenceNumber=3`,
    type: 'interim speech',
    kind: 'notify',
    discriminator: 'SequenceNumber=3;CallStatus=in-progress;',
  },
  {
    title: 'dial action',
    body: 'CallUUID=u1&Event=DialAction&DialStatus=completed&DialALegUUID=u1&DialBLegUUID=b1',
    type: 'dial action',
    kind: 'xml',
    discriminator: 'DialBLegUUID=b1;',
  },
  {
    title: 'dial action of a transferred call',
    body: `${common}&Event=Redirect&DialStatus=busy`,
    type: 'dial action',
    kind: 'xml',
  },
  {
    title: 'dial action without a name',
    body: `${common}&DialStatus=timeout`,
    type: 'dial action',
    kind: 'xml',
  },
  {
    title: 'dial status',
    body: 'CallUUID=u1&Event=DialAnswer&DialAction=answer&DialBLegUUID=b1',
    type: 'dial status',
    kind: 'notify',
  },
  { title: 'dial sound', body: `${common}&CallStatus=in-progress`, type: 'unnamed step', kind: 'xml' },
  {
    title: 'record action',
    body: `${common}&Event=Record&RecordingID=r1`,
    type: 'record action',
    kind: 'xml',
    discriminator: 'RecordingID=r1;',
  },
  {
    title: 'recording',
    body: 'Event=RecordStop&CallUUID=u1&RecordingID=r1&RecordingDuration=42',
    type: 'recording',
    kind: 'notify',
  },
  {
    title: 'transcription',
    body: 'transcription=hi&transcription_id=t1&recording_id=r1',
    type: 'transcription',
    kind: 'notify',
    callId: '',
  },
  {
    title: 'transcription through the API',
    body: 'transcription=hi&call_uuid=u1&recording_id=r1&duration=3',
    type: 'transcription',
    kind: 'notify',
  },
  {
    title: 'conference status',
    body: 'CallUUID=u1&Event=ConferenceEnter&ConferenceAction=enter&ConferenceUUID=c1&ConferenceMemberID=7',
    type: 'conference status',
    kind: 'notify',
    discriminator: 'ConferenceMemberID=7;',
  },
  {
    title: 'conference action',
    body: 'CallUUID=u1&ConferenceUUID=c1&ConferenceName=room',
    type: 'conference action',
    kind: 'xml',
  },
  {
    title: 'conference sound',
    body: 'CallUUID=u1&Event=ConferenceRemoteSounds&ConferenceAction=waitSound&ConferenceName=room',
    type: 'conference sound',
    kind: 'xml',
  },
  {
    title: 'stream status',
    body: 'CallUUID=u1&Event=PlayedStream&StreamID=s1&Name=n1&Timestamp=t',
    type: 'stream status',
    kind: 'notify',
    discriminator: 'StreamID=s1;Name=n1;Timestamp=t;',
  },
  {
    title: 'recording through the API',
    body: 'api_id=a&record_url=https%3A%2F%2Fm&call_uuid=u1&recording_id=r1',
    type: 'API recording',
    kind: 'notify',
  },
  {
    title: 'conference recording',
    body: 'record_url=https%3A%2F%2Fm&conference_name=room&recording_id=r1',
    type: 'conference recording',
    kind: 'notify',
    callId: '',
  },
  {
    title: 'trunk start',
    body: { Event: 'CallInitiated', CallUUID: 'u1', RequestID: 'r1', TrunkID: 't1', Allowed: true },
    type: 'trunk webhook',
    kind: 'notify',
    discriminator: 'RequestID=r1;',
  },
  {
    title: 'trunk end',
    body: { Event: 'Hangup', CallUUID: 'u1', RequestID: 'r1', TrunkID: 't1', Cost: 0.07 },
    type: 'trunk webhook',
    kind: 'notify',
  },
  {
    title: 'KYC session',
    body: { event: 'kyc.completed', session_id: 'k1' },
    type: 'KYC session',
    kind: 'notify',
    callId: '',
    discriminator: 'session_id=k1;',
  },
  {
    title: 'WhatsApp',
    body: { event_id: 'e1', event_type: 'message.inbound', account_id: 'MA_1', payload: {} },
    type: 'WhatsApp',
    kind: 'notify',
    callId: '',
    discriminator: 'event_id=e1;',
  },
  {
    title: 'NDNC complaint',
    body: { accountName: 'a', totalComplaints: 1, complaints: [{ urn: 'x' }] },
    type: 'NDNC complaint',
    kind: 'notify',
    callId: '',
  },
  {
    title: 'status of a call',
    body: { event: 'call.completed', call_id: 'u1', status: 'completed' },
    type: 'status',
    kind: 'notify',
  },
  {
    title: 'status in the names of today',
    body: `${common}&Event=Hangup&CallStatus=completed`,
    type: 'hangup',
    kind: 'notify',
  },
]

function fieldsOf(body: string | object): ReadonlyMap<string, unknown> {
  return new Map(typeof body === 'string' ? new URLSearchParams(body) : Object.entries(body))
}

test.each(examples)('$title', ({ body, type, kind, callId = 'u1', discriminator }) => {
  const fields = fieldsOf(body)
  const event = ['Event', 'event', 'event_type']
    .map((name) => fields.get(name))
    .find((name) => name !== undefined)
  expect(callbackTypeOf(typeof event === 'string' ? event : '', (field) => fields.has(field))?.name).toBe(
    type,
  )

  const facts = readFacts({
    method: 'POST',
    query: '',
    contentType: typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json',
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  })
  expect(facts).toMatchObject({ kind, callId, isProbe: false })
  expect(facts.discriminator).toBe(discriminator ?? facts.discriminator)
})

describe('the table', () => {
  test('has an example of every type', () => {
    expect(new Set(examples.map(({ type }) => type))).toEqual(new Set(callbackTypes.map(({ name }) => name)))
  })

  test('agrees with the table of events on who executes the answer', () => {
    for (const { events, kind, name } of callbackTypes) {
      for (const event of events) expect([name, event, eventRow(event)?.kind]).toEqual([name, event, kind])
    }
  })

  test('has a type for every event that is known', () => {
    const typed = new Set(callbackTypes.flatMap(({ events }) => events))
    expect(eventNames.filter((name) => eventRow(name) !== undefined && !typed.has(name))).toEqual([])
  })
})

const kindOf = (body: string) =>
  readFacts({
    method: 'POST',
    query: '',
    contentType: 'application/x-www-form-urlencoded',
    body: Buffer.from(body),
  }).kind

test('an answer route also receives what only reports: the event decides, not the route', () => {
  expect(kindOf(`${common}&Event=StartApp`)).toBe('xml')
  expect(kindOf(`${common}&Event=Ring&CallStatus=ringing`)).toBe('notify')
  expect(kindOf(`${common}&Event=Hangup&CallStatus=completed`)).toBe('notify')
})
