import { HeaderCursor, type HeaderText } from '../callback/header-text.ts'
import { NameTable } from '../callback/name-table.ts'
import { traceparentOf } from './trace-context.ts'

/** What is read from the raw headers in the one pass that every request gets. */
export interface Head {
  readonly contentType: string
  /** Declared length of the body; -1 when not declared. */
  readonly contentLength: number
  readonly authorization: string
  readonly forwardedFor: string
  readonly traceparent: string
  /** Asks for more than that a body of known length is read and an answer sent, on a connection that is kept. */
  readonly isDemanding: boolean
}

export type HeadProblem = { readonly problem: string; readonly status: 400 | 431 }

const MAX_HEADERS = 200
// Registered name, IPv4 or bracketed IPv6, with an optional port (RFC 9110 §7.2): no user, no path, no list.
const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/
// Printable ASCII without what WHATWG or careless parsers would rewrite; %00, %0a and %0d smuggle control bytes.
const TARGET = /^\/(?!\/)[!$-;=?-Z_a-z~[\]|]*$/ // no '"', '#', '<', '>', '\\', '^', '`', '{', '}'
const SMUGGLED = /%0[0ad]/i
/** Servers that hand headers on as variables take `_` and `-` for the same. */
const UNDERSCORED = /(?:^|\n)[^:\n]*_/
const LENGTH = /^(0|[1-9]\d{0,15})$/
const KEEP_ALIVE = /^keep-alive$/i

/** What is looked for; of the first three a second one is refused. */
const HOST_AT = 0
const LENGTH_AT = 1
const ENCODING_AT = 2
const FORWARDED_AT = 5
const TRACE_AT = 6
const CONNECTION_AT = 7
const EXPECT_AT = 8
const UPGRADE_AT = 9
const slots = new NameTable<number>([
  ['host', HOST_AT],
  ['content-length', LENGTH_AT],
  ['transfer-encoding', ENCODING_AT],
  ['content-type', 3],
  ['authorization', 4],
  ['x-forwarded-for', FORWARDED_AT],
  ['traceparent', TRACE_AT],
  ['connection', CONNECTION_AT],
  ['expect', EXPECT_AT],
  ['upgrade', UPGRADE_AT],
])

/**
 * Reads a request head and refuses what is ambiguous: Node's parser lets several forms pass that another parser
 * behind or before us may read differently (duplicate Host, lists of encodings, absolute targets …).
 */
export function readHead(request: {
  readonly target: string
  readonly httpVersion: string
  readonly headers: HeaderText
}): Head | HeadProblem {
  const { target, httpVersion, headers } = request
  if (!TARGET.test(target) || SMUGGLED.test(target)) return refuse('the request target is malformed')
  if (UNDERSCORED.test(headers)) return refuse('a header name with an underscore')
  const found = findHeaders(headers)
  if ('problem' in found) return found

  const [host, length, encoding, contentType = '', authorization = '', forwardedFor = '', traceparent = ''] =
    found
  const ambiguity =
    framingProblem(httpVersion, { host, length, encoding }) ?? connectionProblem(found[CONNECTION_AT])
  if (ambiguity !== undefined) return refuse(ambiguity)
  return {
    contentType: contentType.toLowerCase(),
    contentLength: length === undefined ? -1 : Number(length),
    authorization,
    forwardedFor,
    traceparent: traceparentOf(traceparent),
    isDemanding: isDemanding(found),
  }
}

function isDemanding(found: readonly (string | undefined)[]): boolean {
  const connection = found[CONNECTION_AT]
  return (
    found[ENCODING_AT] !== undefined ||
    found[EXPECT_AT] !== undefined ||
    found[UPGRADE_AT] !== undefined ||
    (connection !== undefined && !KEEP_ALIVE.test(connection))
  )
}

/** The values by slot, or what is wrong with the headers. */
function findHeaders(headers: HeaderText): (string | undefined)[] | HeadProblem {
  const found: (string | undefined)[] = []
  let count = 0
  for (const cursor = new HeaderCursor(headers); cursor.next();) {
    if (++count > MAX_HEADERS) return { problem: 'too many headers', status: 431 }
    const slot = slots.of(headers, cursor)
    if (slot === undefined) continue
    const before = found[slot]
    if (before !== undefined && slot <= ENCODING_AT) return refuse(`two ${cursor.name} headers`)
    found[slot] = before !== undefined && slot >= FORWARDED_AT ? `${before}, ${cursor.value}` : cursor.value
  }
  return found
}

function framingProblem(
  httpVersion: string,
  { host, length, encoding }: Readonly<Record<'host' | 'length' | 'encoding', string | undefined>>,
): string | undefined {
  const isOld = httpVersion === '1.0'
  if (!isOld && httpVersion !== '1.1') return 'the protocol is HTTP/1.1'
  if (host === undefined ? !isOld : !HOST.test(host)) return 'no valid Host header'
  if (length !== undefined && !LENGTH.test(length)) return 'the Content-Length is malformed'
  if (encoding === undefined) return undefined
  return encoding.toLowerCase() !== 'chunked' || isOld
    ? 'the only transfer encoding taken is chunked'
    : undefined
}

/** A header that Connection names is dropped on the way: nobody outside may choose one that we or a handler rely on. */
const relied =
  /^(host|content-.*|transfer-encoding|authorization|cookie|forwarded|x-(vobiz|forwarded|ringback|webhook)-.*)$/

function connectionProblem(connection: string | undefined): string | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined
  const named = connection.toLowerCase().split(',')
  return named.some((name) => relied.test(name.trim()))
    ? 'Connection names a header that must not be dropped'
    : undefined
}

function refuse(problem: string): HeadProblem {
  return { problem, status: 400 }
}
