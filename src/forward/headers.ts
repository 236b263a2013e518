import type { Exchange } from '../callback/callback.ts'
import type { Route, Target } from '../callback/route.ts'
import { HeaderCursor, type HeaderText, headerValuesOf } from '../callback/header-text.ts'
import { type Failure, FailureError } from './failure.ts'
import { namedIn, sort, sortOf, sorts } from './header-names.ts'

/** What the provider dialled, for X-Forwarded-Proto and X-Forwarded-Host. */
export interface PublicOrigin {
  readonly proto: string
  readonly host: string
}

export function publicOriginOf(publicUrl: string): PublicOrigin {
  const url = new URL(publicUrl)
  return { proto: url.protocol.slice(0, -1), host: url.host }
}

/** What is said of a request besides its own headers. */
export interface Saying {
  /** Number of the attempt. */
  readonly number: number
  readonly publicOrigin: PublicOrigin
  /** Signatures for the URL of the handler, names and values in turn; undefined leaves those that came. */
  readonly signatures: readonly string[] | undefined
  /** Of ours, besides those that every attempt has; names and values in turn. */
  readonly extra: readonly string[] | undefined
}

/**
 * Scheme and host that the handler is to take for its own: the ones that were dialled where the route preserves the
 * host, else the target's.
 */
export function seenOrigin(route: Route, target: Target, publicOrigin: PublicOrigin): PublicOrigin {
  if (route.preserveHost) return publicOrigin
  const colon = target.origin.indexOf(':')
  return { proto: target.origin.slice(0, colon), host: target.origin.slice(colon + 3) }
}

/**
 * The header lines of a callback for one target: end-to-end headers as they came (order, case, repeats), then ours.
 * Host, Connection and Content-Length are left to `writeRequest`.
 *
 * X-Forwarded-Proto and -Host name what the provider dialled. Where signatures were made afresh they name what was
 * signed, so that a handler that rebuilds its URL from them comes to the same URL as one that looks at Host.
 *
 * @throws FailureError when a name or value cannot stand in a header
 */
export function headerLines(exchange: Exchange, target: Target, saying: Saying): string {
  const { callback, route } = exchange
  if (!SENDABLE.test(callback.headers)) throw new FailureError(unsendable)
  const overrides = namesOf(route.headers)
  let drops = sort.hop | sort.ours
  if (saying.signatures !== undefined) drops |= sort.urlSignature
  if (target.authorization !== undefined || route.basicAuth !== undefined) drops |= sort.authorization
  let lines = passedOn(callback.headers, { drops, without: overrides, isNamedKnown: false })
  if (target.authorization !== undefined && !overrides.has('authorization')) {
    lines += line('Authorization', target.authorization)
  }
  lines += linesOf(route.headers)
  return lines + ownLines(exchange, target, saying)
}

interface LeftOut {
  /** Bits of sorts. */
  readonly drops: number
  /** Names in lower case. */
  readonly without: ReadonlySet<string>
  /** Are those that a Connection header names among them? */
  readonly isNamedKnown: boolean
}

/** The lines but those of some sorts and names, and those that a Connection header names. */
function passedOn(headers: HeaderText, what: LeftOut): string {
  const { drops, without, isNamedKnown } = what
  let lines = ''
  let from = 0
  for (const cursor = new HeaderCursor(headers); cursor.next();) {
    const bits = sorts.of(headers, cursor) ?? 0
    if ((bits & sort.connection) !== 0 && !isNamedKnown) {
      const named = namedIn(headerValuesOf(headers, 'connection').join())
      if (named.size > 0)
        return passedOn(headers, { drops, without: without.union(named), isNamedKnown: true })
    }
    const isDropped = (bits & drops) !== 0 || (without.size > 0 && without.has(cursor.name.toLowerCase()))
    if (!isDropped) continue
    lines += headers.slice(from, cursor.start)
    from = cursor.end
  }
  return lines + headers.slice(from)
}

function ownLines({ callback, route }: Exchange, target: Target, saying: Saying): string {
  const { number, publicOrigin, signatures, extra } = saying
  const { peer, proxies = '' } = callback
  const { proto, host } = signatures === undefined ? publicOrigin : seenOrigin(route, target, publicOrigin)
  return (
    `X-Forwarded-For: ${proxies === '' ? peer : `${peer}, ${proxies}`}\r\n` +
    `X-Forwarded-Proto: ${proto}\r\nX-Forwarded-Host: ${host}\r\n` +
    (signatures === undefined ? '' : linesOf(signatures)) +
    `X-Ringback-Delivery: ${callback.id}\r\nX-Ringback-Attempt: ${number}\r\n` +
    (extra === undefined ? '' : linesOf(extra))
  )
}

function linesOf(headers: readonly string[]): string {
  let lines = ''
  for (let i = 0; i + 1 < headers.length; i += 2) lines += line(headers[i] ?? '', headers[i + 1] ?? '')
  return lines
}

// What may stand in a value: no control characters but the tab, one byte each (RFC 9110 §5.5).
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/

const SENDABLE = /^(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t\x20-\x7e\x80-\xff]*\r\n)*$/ // the same, and names of headers
const unsendable: Failure = {
  outcome: 'protocol',
  error: 'the callback cannot be sent as HTTP: a header has a character that none may have',
}

function line(name: string, value: string): string {
  if ((sortOf(name) & sort.invalid) !== 0 || NOT_IN_VALUE.test(value)) throw new FailureError(unsendable)
  return `${name}: ${value}\r\n`
}

/** Without the headers of the connection and the length; the others as they are. */
export function endToEnd(raw: readonly string[]): string[] {
  const named = namedInConnection(raw)
  const headers: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    if ((sortOf(name) & sort.hop) !== 0 || (named.size > 0 && named.has(name.toLowerCase()))) continue
    headers.push(name, raw[i + 1] ?? '')
  }
  return headers
}

const none: ReadonlySet<string> = new Set()

function namedInConnection(raw: readonly string[]): ReadonlySet<string> {
  let values = ''
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    if (name.length !== 10 || (sortOf(name) & sort.connection) === 0) continue
    values = values === '' ? (raw[i + 1] ?? '') : `${values},${raw[i + 1] ?? ''}`
  }
  return values === '' ? none : namedIn(values)
}

const overrideNames = new WeakMap<readonly string[], ReadonlySet<string>>()

function namesOf(headers: readonly string[]): ReadonlySet<string> {
  if (headers.length === 0) return none
  let names = overrideNames.get(headers)
  if (names === undefined) {
    names = new Set(headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()))
    overrideNames.set(headers, names)
  }
  return names
}
