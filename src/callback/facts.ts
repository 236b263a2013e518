import type { Kind } from './callback.ts'
import { type EventRow, type Facts, eventRow, NO_EVENT, OTHER_EVENT } from './event.ts'

/** Bodies above this size are not parsed: parsing one would hold up every other callback. */
const PARSE_LIMIT_BYTES = 64 * 1024
const FIELD_LIMIT = 128

const callIdFields = ['call_id', 'CallUUID', 'call_uuid', 'RequestUUID', 'request_uuid'] as const
const accountFields = ['account_id', 'auth_id', 'AccountId', 'ParentAuthID'] as const
const applicationFields = ['application_id', 'app_id', 'ApplicationID', 'AppId'] as const
const trunkFields = ['trunk_id', 'TrunkID'] as const
const discriminatorFields = [
  'RequestID',
  'event_id',
  'RecordingID',
  'recording_id',
  'StreamID',
  'ConferenceMemberID',
  'DialBLegUUID',
  'Digits',
  'SequenceNumber',
  'Timestamp',
  'status',
  'CallStatus',
] as const

type Fields = (name: string) => string | undefined

const noFields: Fields = () => undefined

/**
 * Reads the few fields that routing and bookkeeping need; call only after the signature was verified.
 * Never throws: a body that cannot be parsed yields the facts of its query alone.
 */
export function readFacts(request: {
  readonly method: string
  readonly query: string
  readonly contentType: string
  readonly body: Uint8Array
}): Facts {
  const body = bodyFields(request.contentType, request.body)
  const query = request.query.length > 1 ? formFields(request.query.slice(1)) : noFields
  const read: Fields = (name) => body(name) ?? query(name)

  const rawEvent = first(read, ['event', 'Event', 'event_type'])
  const row = rawEvent === '' ? undefined : eventRow(rawEvent)
  const callId = first(read, callIdFields)
  return {
    event: row?.name ?? (rawEvent === '' ? NO_EVENT : OTHER_EVENT),
    rawEvent: row === undefined ? rawEvent.slice(0, 64) : '',
    callId,
    account: first(read, accountFields),
    application: first(read, applicationFields),
    trunk: first(read, trunkFields),
    discriminator: discriminatorOf(read),
    kind: kindOf(row, read, callId),
    isProbe: request.method === 'GET' && callId === '',
  }
}

/** Without an event name, a callback of a call that is under way is an XML step (a Gather action, an inbound answer). */
function kindOf(row: EventRow | undefined, read: Fields, callId: string): Kind {
  if (row !== undefined) return row.kind
  if (callId === '') return 'notify'
  const isStep =
    read('InputType') !== undefined || read('Digits') !== undefined || read('DialStatus') !== undefined
  const isRinging = read('CallStatus') === 'ringing' || read('CallStatus') === 'in-progress'
  return read('CallUUID') !== undefined && (isStep || isRinging) ? 'xml' : 'notify'
}

function discriminatorOf(read: Fields): string {
  let joined = ''
  for (const name of discriminatorFields) {
    const value = read(name)
    if (value !== undefined) joined += `${name}=${value.slice(0, FIELD_LIMIT)};`
  }
  return joined
}

function first(read: Fields, names: readonly string[]): string {
  for (const name of names) {
    const value = read(name)
    if (value !== undefined && value !== '') return value.slice(0, FIELD_LIMIT)
  }
  return ''
}

function bodyFields(contentType: string, body: Uint8Array): Fields {
  if (body.length === 0 || body.length > PARSE_LIMIT_BYTES) return noFields
  const text = new TextDecoder().decode(body)
  if (contentType.startsWith('application/x-www-form-urlencoded')) return formFields(text)
  return jsonFields(text)
}

function jsonFields(text: string): Fields {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return noFields
  }
  if (typeof parsed !== 'object' || parsed === null) return noFields
  const record = parsed as Readonly<Record<string, unknown>>
  return (name) => {
    const value = Object.hasOwn(record, name) ? record[name] : undefined
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
  }
}

function formFields(text: string): Fields {
  const form = new URLSearchParams(text)
  return (name) => form.get(name) ?? undefined
}
