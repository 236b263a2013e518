import type { Kind } from './kind.ts'

/** One row of the table of events: the provider's name, the topic it belongs to, and who reads the reply. */
export interface EventRow {
  readonly name: string
  /** The long name of the account-level vocabulary with the same meaning, or the name itself. */
  readonly topic: string
  readonly kind: Kind
}

/**
 * Both vocabularies of the platform as data: the dotted names of the callback configuration and the names
 * on the wire of voice callbacks. `xml` stands where the provider waits for the reply body and executes it.
 */
const rows: readonly EventRow[] = [
  { name: 'call.initiated', topic: 'call.initiated', kind: 'notify' },
  { name: 'call.answered', topic: 'call.answered', kind: 'notify' },
  { name: 'call.completed', topic: 'call.completed', kind: 'notify' },
  { name: 'call.failed', topic: 'call.failed', kind: 'notify' },
  { name: 'recording.completed', topic: 'recording.completed', kind: 'notify' },
  { name: 'conference.started', topic: 'conference.started', kind: 'notify' },
  { name: 'conference.ended', topic: 'conference.ended', kind: 'notify' },
  { name: 'Ring', topic: 'call.initiated', kind: 'notify' },
  { name: 'CallInitiated', topic: 'call.initiated', kind: 'notify' },
  { name: 'StartApp', topic: 'call.answered', kind: 'xml' },
  { name: 'Hangup', topic: 'call.completed', kind: 'notify' },
  { name: 'MachineDetection', topic: 'MachineDetection', kind: 'notify' },
  { name: 'Transfer', topic: 'Transfer', kind: 'xml' },
  { name: 'Redirect', topic: 'Redirect', kind: 'xml' },
  { name: 'DialAction', topic: 'DialAction', kind: 'xml' },
  { name: 'DialAnswer', topic: 'DialAnswer', kind: 'notify' },
  { name: 'DialConnected', topic: 'DialConnected', kind: 'notify' },
  { name: 'DialDigitsMatch', topic: 'DialDigitsMatch', kind: 'notify' },
  { name: 'DialHangup', topic: 'DialHangup', kind: 'notify' },
  { name: 'Record', topic: 'Record', kind: 'xml' },
  { name: 'RecordStop', topic: 'recording.completed', kind: 'notify' },
  { name: 'ConferenceEnter', topic: 'ConferenceEnter', kind: 'notify' },
  { name: 'ConferenceExit', topic: 'ConferenceExit', kind: 'notify' },
  { name: 'ConferenceDigitsMatch', topic: 'ConferenceDigitsMatch', kind: 'notify' },
  { name: 'ConferenceRemoteSounds', topic: 'ConferenceRemoteSounds', kind: 'xml' },
  { name: 'StartStream', topic: 'StartStream', kind: 'notify' },
  { name: 'PlayedStream', topic: 'PlayedStream', kind: 'notify' },
  { name: 'ClearedAudio', topic: 'ClearedAudio', kind: 'notify' },
  { name: 'DegradedStream', topic: 'DegradedStream', kind: 'notify' },
  { name: 'DroppedStream', topic: 'DroppedStream', kind: 'notify' },
  { name: 'StopStream', topic: 'StopStream', kind: 'notify' },
  { name: 'kyc.initiated', topic: 'kyc.initiated', kind: 'notify' },
  { name: 'kyc.submitted', topic: 'kyc.submitted', kind: 'notify' },
  { name: 'kyc.completed', topic: 'kyc.completed', kind: 'notify' },
  { name: 'kyc.failed', topic: 'kyc.failed', kind: 'notify' },
  { name: 'kyc.session_expired', topic: 'kyc.session_expired', kind: 'notify' },
  { name: 'kyc.session_revoked', topic: 'kyc.session_revoked', kind: 'notify' },
  { name: 'message.inbound', topic: 'message.inbound', kind: 'notify' },
  { name: 'message.status', topic: 'message.status', kind: 'notify' },
  { name: 'call.connect', topic: 'call.connect', kind: 'notify' },
  { name: 'call.status_change', topic: 'call.status_change', kind: 'notify' },
  { name: 'call.terminate', topic: 'call.terminate', kind: 'notify' },
]

/** The event of a callback that carries no name at all, such as the action of a Gather. */
export const NO_EVENT = 'none'
/** The event of a callback with a name that no table knows. */
export const OTHER_EVENT = 'other'

const byName = new Map(rows.map((row) => [row.name, row]))

/** Every value that an `event` label or column can hold. */
export const eventNames: readonly string[] = [...rows.map((row) => row.name), NO_EVENT, OTHER_EVENT]

/** The row of a name as it stands on the wire; undefined for a name that no table knows. */
export function eventRow(name: string): EventRow | undefined {
  return byName.get(name)
}

/** Long form of a name in a filter: `answered` becomes `call.answered`; a name that is known as it is stays. */
export function longEventName(name: string): string | undefined {
  if (byName.has(name)) return name
  const long = `call.${name}`
  return byName.has(long) ? long : undefined
}

/** Does a filter want this event? A filter may name the event itself or its topic. */
export function isWanted(event: string, filter: ReadonlySet<string> | undefined): boolean {
  if (filter === undefined || filter.has(event)) return true
  const row = byName.get(event)
  return row !== undefined && filter.has(row.topic)
}

/** What was read from a callback's query and body, after it was verified. All texts as received, empty when absent. */
export interface Facts {
  /** A name of `eventNames`. */
  readonly event: string
  /** The name on the wire when it is not a known one, cut to 64 characters; for display only. */
  readonly rawEvent: string
  readonly callId: string
  readonly account: string
  readonly application: string
  readonly trunk: string
  /** Fields that tell two callbacks of one call and event apart (recording, stream, conference member …), joined. */
  readonly discriminator: string
  /** Does the provider execute the reply body? By event; a route may overrule it. */
  readonly kind: Kind
  /** A GET without a call id: the platform validates URLs this way. Recorded, never counted in streaks. */
  readonly isProbe: boolean
}
