import { callbackTypeOf, discriminatorFields, markFields } from './callback-types.ts'
import { type EventRow, type Facts, eventRow, NO_EVENT, OTHER_EVENT } from './event.ts'
import { FieldTable, type FieldValues } from './field-table.ts'
import { readFlatJson } from './flat-json.ts'
import type { Kind } from './kind.ts'

/** Bodies above this size are not parsed: parsing one would hold up every other callback. */
const PARSE_LIMIT_BYTES = 64 * 1024
const FIELD_LIMIT = 128

const callIdFields = ['call_id', 'CallUUID', 'call_uuid', 'RequestUUID', 'request_uuid'] as const
const accountFields = ['account_id', 'auth_id', 'AccountId', 'ParentAuthID'] as const
const applicationFields = ['application_id', 'app_id', 'ApplicationID', 'AppId'] as const
const trunkFields = ['trunk_id', 'TrunkID'] as const
const eventFields = ['event', 'Event', 'event_type'] as const

/** All that is read of a callback; its other fields are passed over. */
const table = new FieldTable([
  ...eventFields,
  ...callIdFields,
  ...accountFields,
  ...applicationFields,
  ...trunkFields,
  ...discriminatorFields,
  ...markFields,
])
const events = numbersOf(eventFields)
const callIds = numbersOf(callIdFields)
const accounts = numbersOf(accountFields)
const applications = numbersOf(applicationFields)
const trunks = numbersOf(trunkFields)
const discriminators = numbersOf(discriminatorFields)
const CALL_UUID = table.numberOf('CallUUID')
const CALL_STATUS = table.numberOf('CallStatus')

const decoder = new TextDecoder()

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
  const fields = fieldsOf(request)
  const rawEvent = first(fields, events)
  const row = rawEvent === '' ? undefined : eventRow(rawEvent)
  const callId = onItsOwn(first(fields, callIds))
  return {
    event: row?.name ?? (rawEvent === '' ? NO_EVENT : OTHER_EVENT),
    rawEvent: row === undefined ? rawEvent.slice(0, 64) : '',
    callId,
    account: first(fields, accounts),
    application: first(fields, applications),
    trunk: first(fields, trunks),
    discriminator: discriminatorOf(fields),
    kind: kindOf(row, fields, callId),
    isProbe: request.method === 'GET' && callId === '',
  }
}

function numbersOf(names: readonly string[]): readonly number[] {
  return names.map((name) => table.numberOf(name))
}

/** Without a known event, the fields tell; an answer is executed only for a call that is under way. */
function kindOf(row: EventRow | undefined, fields: FieldValues, callId: string): Kind {
  if (row !== undefined) return row.kind
  if (callId === '' || textAt(fields, CALL_UUID) === undefined) return 'notify'
  const found = callbackTypeOf('', (field) => fields[table.numberOf(field)] !== undefined)
  if (found === undefined || found.kind === 'notify') return 'notify'
  if (!found.marks.includes('CallStatus')) return 'xml'
  const status = textAt(fields, CALL_STATUS)
  return status === 'ringing' || status === 'in-progress' ? 'xml' : 'notify'
}

function discriminatorOf(fields: FieldValues): string {
  let joined = ''
  for (const number of discriminators) {
    const value = textAt(fields, number)
    if (value !== undefined) joined += `${table.names[number] ?? ''}=${value.slice(0, FIELD_LIMIT)};`
  }
  return joined
}

/** Of several names for the same thing, the first that says something. */
function first(fields: FieldValues, numbers: readonly number[]): string {
  for (const number of numbers) {
    const value = textAt(fields, number)
    if (value !== undefined && value !== '') return value.slice(0, FIELD_LIMIT)
  }
  return ''
}

/**
 * What V8 cuts out of a text keeps all of that text in memory. An id outlives its body, among what watchers of the live
 * view may have missed; joined to something first, it is cut out of that.
 */
function onItsOwn(text: string): string {
  return `-${text}`.slice(1)
}

function textAt(fields: FieldValues, number: number): string | undefined {
  return fields[number] ?? undefined
}

/** Fields of the body, and those of the query that the body does not have, or has as neither text nor number. */
function fieldsOf({
  query,
  contentType,
  body,
}: Pick<Parameters<typeof readFacts>[0], 'query' | 'contentType' | 'body'>): FieldValues {
  const fields = bodyFields(contentType, body)
  if (query.length < 2) return fields
  for (const [number, value] of formFields(query.slice(1)).entries()) {
    if (value !== undefined) fields[number] ??= value
  }
  return fields
}

function bodyFields(contentType: string, body: Uint8Array): FieldValues {
  if (body.length === 0 || body.length > PARSE_LIMIT_BYTES) return table.values()
  const text = decoder.decode(body)
  return contentType.startsWith('application/x-www-form-urlencoded') ? formFields(text) : jsonFields(text)
}

function jsonFields(text: string): FieldValues {
  const fields = table.values()
  return readFlatJson(text, table, fields) ? fields : nestedFields(text)
}

/** The wanted fields of an object of any kind. */
function nestedFields(text: string): FieldValues {
  const fields = table.values()
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null) return fields
    for (const [number, name] of table.names.entries()) {
      if (Object.hasOwn(parsed, name)) fields[number] = textOf((parsed as Record<string, unknown>)[name])
    }
  } catch {
    // Not JSON: there are no fields.
  }
  return fields
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null
}

/** The wanted fields of a form (https://url.spec.whatwg.org/#urlencoded-parsing), in one pass; the first of a name counts. */
function formFields(text: string): FieldValues {
  const fields = table.values()
  for (let from = 0; from < text.length;) {
    const next = text.indexOf('&', from)
    const end = next < 0 ? text.length : next
    const pair = text.slice(from, end)
    const equals = pair.indexOf('=')
    const number = table.numberOf(formDecoded(equals < 0 ? pair : pair.slice(0, equals)))
    if (number !== -1) fields[number] ??= equals < 0 ? '' : formDecoded(pair.slice(equals + 1))
    from = end + 1
  }
  return fields
}

/** Escapes that are not UTF-8 stay as they are. */
function formDecoded(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}
