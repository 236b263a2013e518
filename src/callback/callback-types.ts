import type { Kind } from './kind.ts'

/**
 * One type of callback of the platform: which of its URLs was dialled. The table is documentation that runs: facts.ts
 * reads from it what kind a callback without a known event is, docs/vobiz.md prints it, and a test holds an example
 * of every row against it. The platform does not document the fields of messages, SIP transfers, conference recordings
 * and KYC sessions: those here are the ones of its family of products, and a wrong guess costs no more than the name.
 * Source: https://vobiz.ai/docs/concepts/callbacks and the pages of each resource.
 */
export interface CallbackType {
  readonly name: string
  /** Where the platform is told the URL. */
  readonly where: string
  /** Names on the wire; none where the callback carries no name. */
  readonly events: readonly string[]
  /** Fields one of which is there: what tells the type where no name, or a shared one, does. */
  readonly marks: readonly string[]
  /** Does the provider execute the reply? */
  readonly kind: Kind
  /** Fields that tell two callbacks of one call and type apart. */
  readonly discriminators: readonly string[]
}

/** Of types that share a name, or have none, the first whose mark is there counts. */
export const callbackTypes: readonly CallbackType[] = [
  type('trunk webhook', 'trunk `webhook_url`', 'notify', {
    events: ['CallInitiated', 'Hangup', 'recording.completed'],
    marks: ['TrunkID', 'SIPCallID'],
    discriminators: ['RequestID'],
  }),
  type('answer', '`answer_url`, `fallback_answer_url`, `fallback_url`', 'xml', { events: ['StartApp'] }),
  type('ring', 'call `ring_url`', 'notify', { events: ['Ring'] }),
  type('hangup', '`hangup_url`; `answer_url` where it is left out', 'notify', { events: ['Hangup'] }),
  type('machine detection', '`machine_detection_url`', 'notify', { events: ['MachineDetection'] }),
  type('transfer', 'transfer call `aleg_url`, `bleg_url`', 'xml', { events: ['Transfer'] }),
  type('dial action', '`<Dial action>`', 'xml', {
    events: ['DialAction', 'Redirect'],
    marks: ['DialStatus'],
    discriminators: ['DialBLegUUID'],
  }),
  type('dial action', '`<Dial action>`', 'xml', { events: ['DialAction'], discriminators: ['DialBLegUUID'] }),
  type('redirect', '`<Redirect>`', 'xml', { events: ['Redirect'] }),
  type('dial status', '`<Dial callbackUrl>`', 'notify', {
    events: ['DialAnswer', 'DialConnected', 'DialDigitsMatch', 'DialHangup'],
    discriminators: ['DialBLegUUID'],
  }),
  type('record action', '`<Record action>`', 'xml', { events: ['Record'], discriminators: ['RecordingID'] }),
  type('recording', '`<Record callbackUrl>`', 'notify', {
    events: ['RecordStop'],
    discriminators: ['RecordingID'],
  }),
  type('conference sound', '`<Conference waitSound>`', 'xml', {
    events: ['ConferenceRemoteSounds'],
    discriminators: ['ConferenceMemberID'],
  }),
  type('conference status', '`<Conference callbackUrl>`', 'notify', {
    events: ['ConferenceEnter', 'ConferenceExit', 'ConferenceDigitsMatch'],
    discriminators: ['ConferenceMemberID'],
  }),
  type('stream status', '`<Stream statusCallbackUrl>`, stream `status_callback_url`', 'notify', {
    events: ['StartStream', 'PlayedStream', 'ClearedAudio', 'DegradedStream', 'DroppedStream', 'StopStream'],
    discriminators: ['StreamID', 'Name', 'Timestamp'],
  }),
  type('KYC session', 'KYC session `webhook_url`', 'notify', {
    events: [
      'kyc.initiated',
      'kyc.submitted',
      'kyc.completed',
      'kyc.failed',
      'kyc.session_expired',
      'kyc.session_revoked',
    ],
    discriminators: ['session_id'],
  }),
  type('WhatsApp', 'messaging webhook `url`', 'notify', {
    events: ['message.inbound', 'message.status', 'call.connect', 'call.status_change', 'call.terminate'],
    discriminators: ['event_id'],
  }),
  type(
    'status',
    '`callback_url`, `status_callback`, `status_callback_url`, `default_callback_url`',
    'notify',
    {
      events: [
        'call.initiated',
        'call.answered',
        'call.completed',
        'call.failed',
        'recording.completed',
        'conference.started',
        'conference.ended',
      ],
      discriminators: ['status'],
    },
  ),
  type('interim speech', '`<Gather interimSpeechResultsCallback>`', 'notify', {
    marks: ['StableSpeech', 'UnstableSpeech', 'Stability'],
    discriminators: ['SequenceNumber'],
  }),
  type('transcription', '`<Record transcriptionUrl>`, record `transcription_url`', 'notify', {
    marks: ['transcription', 'transcription_id', 'transcription_url'],
    discriminators: ['transcription_id', 'recording_id'],
  }),
  type('conference recording', 'conference record `callback_url`, `recording_callback_url`', 'notify', {
    marks: ['conference_name', 'conference_uuid'],
    discriminators: ['recording_id'],
  }),
  type('API recording', 'record `callback_url`', 'notify', {
    marks: ['record_url', 'recording_id'],
    discriminators: ['recording_id'],
  }),
  type('NDNC complaint', 'by e-mail to Vobiz', 'notify', { marks: ['totalComplaints', 'complaints'] }),
  type('message', 'application `message_url`', 'notify', {
    marks: ['MessageUUID'],
    discriminators: ['MessageUUID'],
  }),
  type('gather action', '`<Gather action>`', 'xml', {
    marks: ['InputType', 'Digits', 'Speech'],
    discriminators: ['Digits'],
  }),
  type('dial action', '`<Dial action>`', 'xml', {
    marks: ['DialStatus'],
    discriminators: ['DialBLegUUID'],
  }),
  type('conference status', '`<Conference callbackUrl>`', 'notify', {
    marks: ['ConferenceAction'],
    discriminators: ['ConferenceMemberID'],
  }),
  type('conference action', '`<Conference action>`', 'xml', {
    marks: ['ConferenceUUID', 'ConferenceName'],
    discriminators: ['ConferenceMemberID'],
  }),
  type('hangup', '`hangup_url`; `answer_url` where it is left out', 'notify', {
    marks: ['HangupCause', 'BillDuration', 'EndTime'],
  }),
  type(
    'unnamed step',
    'an inbound `answer_url`, `<Dial dialMusic>`, `<Dial confirmSound>`, `sip_transfer_url`',
    'xml',
    {
      marks: ['CallStatus'],
      discriminators: ['CallStatus'],
    },
  ),
]

function type(
  name: string,
  where: string,
  kind: Kind,
  rest: Partial<Pick<CallbackType, 'events' | 'marks' | 'discriminators'>>,
): CallbackType {
  return { events: [], marks: [], discriminators: [], ...rest, name, where, kind }
}

const unnamed = callbackTypes.filter(({ events }) => events.length === 0)
const named = Map.groupBy(
  callbackTypes.flatMap((row) => row.events.map((event) => ({ event, row }))),
  ({ event }) => event,
)

/** Every field that a type is told by. */
export const markFields: readonly string[] = [...new Set(callbackTypes.flatMap(({ marks }) => marks))]
/** Every field that tells two callbacks apart. */
export const discriminatorFields: readonly string[] = [
  ...new Set(callbackTypes.flatMap(({ discriminators }) => discriminators)),
]

/**
 * The type of a callback; undefined when nothing tells it.
 *
 * @param event name on the wire, or empty
 * @param has whether the callback has a field
 */
export function callbackTypeOf(event: string, has: (field: string) => boolean): CallbackType | undefined {
  const candidates = named.get(event)?.map(({ row }) => row) ?? unnamed
  return candidates.find(({ marks }) => marks.length === 0 || marks.some((mark) => has(mark)))
}
