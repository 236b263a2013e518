import { endToEnd } from '../headers.ts'

/** What the head of a reply says. */
export interface ReplyHead {
  readonly status: number
  /** Names and values in turn, without those of the connection and the length. */
  readonly headers: readonly string[]
  /** Length of the body in bytes, `CHUNKED` or `UNTIL_CLOSE`. */
  readonly length: number
  /** How long the connection may be kept idle after this reply, milliseconds; 0 when it is not to be used again. */
  readonly keepAliveMs: number
}

export const CHUNKED = -1
export const UNTIL_CLOSE = -2

/** Idle time of a connection whose server names none, and the longest that is believed. */
const KEEP_ALIVE_MS = 4_000
const MOST_KEEP_ALIVE_MS = 60_000
/** Kept back from the server's own time, so that it does not close just when we write. */
const KEEP_ALIVE_MARGIN_MS = 1_000

// RFC 9112 §4: HTTP-version SP status-code SP [ reason-phrase ]; servers that leave out the last space are let through.
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
// What may stand in a value: no control characters but the tab (RFC 9110 §5.5).
// oxlint-disable-next-line no-control-regex -- the tab is meant
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const LENGTH = /^\d{1,15}$/
const FRAMING = /^(?:content-length|transfer-encoding)$/i
const TAB = 0x09

/**
 * Reads the head of a reply strictly: whatever two parsers could read differently is refused, because a reply that is
 * taken for something else is worse than none.
 *
 * @param text the head as Latin-1, without the empty line at its end
 * @returns what is wrong with it, in words, when it is refused
 */
export function readReplyHead(text: string): ReplyHead | string {
  const firstEnd = text.indexOf('\r\n')
  const line = STATUS_LINE.exec(firstEnd === -1 ? text : text.slice(0, firstEnd))
  if (line === null) return 'malformed status line'
  const fields = firstEnd === -1 ? [] : readFields(text, firstEnd + 2)
  if (typeof fields === 'string') return fields
  const status = Number(line[2])
  if (status < 200 && line[1] === '0') return 'an interim reply of HTTP/1.0'
  return framedHead(fields, status, line[1] === '1')
}

/** Names and values in turn. */
function readFields(text: string, start: number): string[] | string {
  const fields: string[] = []
  for (let at = start; at <= text.length;) {
    const found = text.indexOf('\r\n', at)
    const end = found === -1 ? text.length : found
    const colon = text.indexOf(':', at)
    if (colon === -1 || colon > end) return 'a header line without a colon'
    const name = text.slice(at, colon)
    if (!TOKEN.test(name)) return 'a malformed header name'
    const value = trimmed(text, colon + 1, end)
    if (!VALUE.test(value)) return 'a control character in a header'
    // Parsers disagree on whether a tab at the end belongs to the value; here it would decide where the body ends.
    if (text.charCodeAt(end - 1) === TAB && FRAMING.test(name)) return `a tab after ${name}`
    fields.push(name, value)
    at = end + 2
  }
  return fields
}

/** Without the blanks and tabs around it. */
function trimmed(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === TAB
}

function framedHead(fields: readonly string[], status: number, isNew: boolean): ReplyHead | string {
  const framing = readFraming(fields)
  if (typeof framing === 'string') return framing
  const problem = ambiguityOf(framing, isNew)
  if (problem !== undefined) return problem
  const hasBody = status >= 200 && status !== 204 && status !== 304 // RFC 9112 §6.3
  const length = hasBody ? lengthOf(framing) : 0
  return {
    status,
    headers: endToEnd(fields),
    length,
    keepAliveMs: isNew && length !== UNTIL_CLOSE ? keepAliveMs(framing.connection, framing.keepAlive) : 0,
  }
}

function ambiguityOf({ length, encoding }: Framing, isNew: boolean): string | undefined {
  if (length !== undefined && !LENGTH.test(length)) return 'a malformed Content-Length'
  if (encoding === undefined) return undefined
  if (length !== undefined) return 'both Content-Length and Transfer-Encoding'
  return isNew && encoding.toLowerCase() === 'chunked' ? undefined : 'an unknown Transfer-Encoding'
}

function lengthOf({ length, encoding }: Framing): number {
  if (encoding !== undefined) return CHUNKED
  return length === undefined ? UNTIL_CLOSE : Number(length)
}

/** What the headers say of where the reply ends and what becomes of the connection. */
interface Framing {
  length: string | undefined
  encoding: string | undefined
  connection: string
  keepAlive: string
}

const framingLengths: ReadonlySet<number> = new Set(
  ['content-length', 'transfer-encoding', 'connection', 'keep-alive'].map((name) => name.length),
)

function readFraming(fields: readonly string[]): Framing | string {
  const framing: Framing = { length: undefined, encoding: undefined, connection: '', keepAlive: '' }
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] ?? ''
    if (!framingLengths.has(name.length)) continue
    const value = fields[i + 1] ?? ''
    switch (name.toLowerCase()) {
      case 'content-length':
        if (framing.length !== undefined) return 'two Content-Length headers'
        framing.length = value
        break
      case 'transfer-encoding':
        if (framing.encoding !== undefined) return 'two Transfer-Encoding headers'
        framing.encoding = value
        break
      case 'connection':
        framing.connection += `,${value}`
        break
      case 'keep-alive':
        framing.keepAlive = value
        break
      default:
    }
  }
  return framing
}

function keepAliveMs(connection: string, keepAlive: string): number {
  if (connection !== '' && /(?:^|,)\s*close\s*(?:,|$)/i.test(connection)) return 0
  if (keepAlive === '') return KEEP_ALIVE_MS
  const seconds = /(?:^|[\s,;])timeout\s*=\s*(\d{1,9})/i.exec(keepAlive)?.[1]
  if (seconds === undefined) return KEEP_ALIVE_MS
  return Math.min(Math.max(0, Number(seconds) * 1000 - KEEP_ALIVE_MARGIN_MS), MOST_KEEP_ALIVE_MS)
}
