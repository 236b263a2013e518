import { callbackTypeOf, discriminatorFields, markFields } from './callback-types.ts'
import { type EventRow, type Facts, eventRow, NO_EVENT, OTHER_EVENT } from './event.ts'
import type { Kind } from './kind.ts'

/** Bodies above this size are not parsed: parsing one would hold up every other callback. */
const PARSE_LIMIT_BYTES = 64 * 1024
const FIELD_LIMIT = 128

const callIdFields = ['call_id', 'CallUUID', 'call_uuid', 'RequestUUID', 'request_uuid'] as const
const accountFields = ['account_id', 'auth_id', 'AccountId', 'ParentAuthID'] as const
const applicationFields = ['application_id', 'app_id', 'ApplicationID', 'AppId'] as const
const trunkFields = ['trunk_id', 'TrunkID'] as const
const eventFields = ['event', 'Event', 'event_type'] as const

/** All that is read of a form; its other fields are passed over. */
const wantedFields: ReadonlySet<string> = new Set([
  ...eventFields,
  ...callIdFields,
  ...accountFields,
  ...applicationFields,
  ...trunkFields,
  ...discriminatorFields,
  ...markFields,
])

type Fields = Readonly<Record<string, unknown>>

/** Where fields are looked for, in this order. */
interface Sources {
  readonly body: Fields
  readonly query: Fields
}

const noFields: Fields = {}
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
  const sources: Sources = {
    body: bodyFields(request.contentType, request.body),
    query: request.query.length > 1 ? formFields(request.query.slice(1)) : noFields,
  }
  const rawEvent = first(sources, eventFields)
  const row = rawEvent === '' ? undefined : eventRow(rawEvent)
  const callId = first(sources, callIdFields)
  return {
    event: row?.name ?? (rawEvent === '' ? NO_EVENT : OTHER_EVENT),
    rawEvent: row === undefined ? rawEvent.slice(0, 64) : '',
    callId,
    account: first(sources, accountFields),
    application: first(sources, applicationFields),
    trunk: first(sources, trunkFields),
    discriminator: discriminatorOf(sources),
    kind: kindOf(row, sources, callId),
    isProbe: request.method === 'GET' && callId === '',
  }
}

/** Without a known event, the fields tell; an answer is executed only for a call that is under way. */
function kindOf(row: EventRow | undefined, sources: Sources, callId: string): Kind {
  if (row !== undefined) return row.kind
  if (callId === '' || read(sources, 'CallUUID') === undefined) return 'notify'
  const found = callbackTypeOf('', (field) => has(sources, field))
  if (found === undefined || found.kind === 'notify') return 'notify'
  if (!found.marks.includes('CallStatus')) return 'xml'
  const status = read(sources, 'CallStatus')
  return status === 'ringing' || status === 'in-progress' ? 'xml' : 'notify'
}

function has({ body, query }: Sources, name: string): boolean {
  return Object.hasOwn(body, name) || Object.hasOwn(query, name)
}

function discriminatorOf(sources: Sources): string {
  let joined = ''
  for (const name of discriminatorFields) {
    const value = read(sources, name)
    if (value !== undefined) joined += `${name}=${value.slice(0, FIELD_LIMIT)};`
  }
  return joined
}

function first(sources: Sources, names: readonly string[]): string {
  for (const name of names) {
    const value = read(sources, name)
    if (value !== undefined && value !== '') return value.slice(0, FIELD_LIMIT)
  }
  return ''
}

function read({ body, query }: Sources, name: string): string | undefined {
  return textOf(body, name) ?? textOf(query, name)
}

function textOf(fields: Fields, name: string): string | undefined {
  if (!Object.hasOwn(fields, name)) return undefined
  const value = fields[name]
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
}

function bodyFields(contentType: string, body: Uint8Array): Fields {
  if (body.length === 0 || body.length > PARSE_LIMIT_BYTES) return noFields
  const text = decoder.decode(body)
  return contentType.startsWith('application/x-www-form-urlencoded') ? formFields(text) : jsonFields(text)
}

function jsonFields(text: string): Fields {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Fields) : noFields
  } catch {
    return noFields
  }
}

/** The wanted fields of a form (https://url.spec.whatwg.org/#urlencoded-parsing), in one pass; the first of a name counts. */
function formFields(text: string): Fields {
  const fields: Record<string, string> = {}
  for (let from = 0; from < text.length;) {
    const next = text.indexOf('&', from)
    const end = next < 0 ? text.length : next
    const pair = text.slice(from, end)
    const equals = pair.indexOf('=')
    const name = formDecoded(equals < 0 ? pair : pair.slice(0, equals))
    if (wantedFields.has(name) && !Object.hasOwn(fields, name)) {
      fields[name] = equals < 0 ? '' : formDecoded(pair.slice(equals + 1))
    }
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
