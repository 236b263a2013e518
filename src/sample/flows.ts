import type { Follow } from './next-url.ts'

/** One callback of a flow. */
export interface FlowStep {
  /** What it is, for people. */
  readonly title: string
  /** Fields of the form besides call id and account. A name on the wire stands in `Event`, if there is one. */
  readonly fields: Readonly<Record<string, string>>
  /** Goes to the URL that an answer of this call named last in this attribute, if any did. */
  readonly follows?: Follow
  /** Is sent together with the steps around it that say so too, instead of after them. */
  readonly isConcurrent?: boolean
  /** The provider does not hear the answer: the same bytes and signatures come again, so many times. */
  readonly repeats?: number
}

export const flowNames = [
  'inbound-ivr',
  'outbound-recording',
  'conference',
  'stream-flood',
  'sub-account',
  'retries',
] as const

export type FlowName = (typeof flowNames)[number]

const inbound = { From: '14155551234', To: '14155559999', Direction: 'inbound' }
const outbound = { From: '14155559999', To: '14155551234', Direction: 'outbound' }
const hangup = (parties: Readonly<Record<string, string>>): FlowStep => ({
  title: 'hangup',
  fields: {
    ...parties,
    Event: 'Hangup',
    CallStatus: 'completed',
    HangupCause: 'NORMAL_CLEARING',
    Duration: '125',
    BillDuration: '125',
  },
})
const recording = { RecordingID: 'rec-1', RecordFile: 'https://media.vobiz.ai/recordings/rec-1.mp3' }
const room = { ConferenceUUID: 'conf-1', ConferenceName: 'support' }
const stream = { ...inbound, StreamID: 'stream-1' }

/** Whole calls as the provider plays them (https://vobiz.ai/docs/xml/dial/transferred-calls and the page of each element). */
export const flows: Readonly<Record<FlowName, readonly FlowStep[]>> = {
  'inbound-ivr': [
    { title: 'answer', fields: { ...inbound, CallStatus: 'ringing' } },
    {
      title: 'gather action',
      fields: { ...inbound, CallStatus: 'in-progress', InputType: 'dtmf', Digits: '1', Speech: '' },
      follows: 'action',
    },
    hangup(inbound),
  ],
  'outbound-recording': [
    { title: 'ring', fields: { ...outbound, Event: 'Ring', CallStatus: 'ringing' } },
    { title: 'answer', fields: { ...outbound, Event: 'StartApp', CallStatus: 'in-progress' } },
    { title: 'record action', fields: { ...outbound, Event: 'Record', ...recording }, follows: 'action' },
    hangup(outbound),
    {
      title: 'recording',
      fields: { Event: 'RecordStop', ...recording, RecordingDuration: '42', RecordingEndReason: 'HungUp' },
      follows: 'callbackUrl',
    },
  ],
  conference: [
    { title: 'answer', fields: { ...inbound, Event: 'StartApp', CallStatus: 'in-progress' } },
    {
      title: 'conference sound',
      fields: { ...room, Event: 'ConferenceRemoteSounds', ConferenceAction: 'waitSound' },
      follows: 'waitSound',
    },
    {
      title: 'exit of member 2, before its enter',
      fields: { ...room, Event: 'ConferenceExit', ConferenceAction: 'exit', ConferenceMemberID: '2' },
      follows: 'callbackUrl',
    },
    {
      title: 'enter of member 2',
      fields: { ...room, Event: 'ConferenceEnter', ConferenceAction: 'enter', ConferenceMemberID: '2' },
      follows: 'callbackUrl',
    },
    hangup(inbound),
  ],
  'stream-flood': [
    { title: 'answer', fields: { ...inbound, Event: 'StartApp', CallStatus: 'in-progress' } },
    { title: 'stream start', fields: { ...stream, Event: 'StartStream' }, follows: 'statusCallbackUrl' },
    ...Array.from({ length: 13 }, (_, index): FlowStep => ({
      title: `stream status ${index + 1}`,
      fields: {
        ...stream,
        Event: index % 2 === 0 ? 'PlayedStream' : 'ClearedAudio',
        Name: `clip-${index + 1}`,
      },
      follows: 'statusCallbackUrl',
      isConcurrent: true,
    })),
    { title: 'stream end', fields: { ...stream, Event: 'StopStream' }, follows: 'statusCallbackUrl' },
    hangup(inbound),
  ],
  'sub-account': [
    { title: 'answer', fields: { ...outbound, Event: 'StartApp', CallStatus: 'in-progress' } },
    hangup(outbound),
  ],
  retries: [{ ...hangup(inbound), repeats: 3 }],
}

/** After an answer that is not 200 the provider tries up to so many times more, each wait twice the one before. */
export const MOST_RETRIES = 3
