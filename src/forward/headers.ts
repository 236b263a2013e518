import type { Exchange } from '../callback/callback.ts'
import type { Route, Target } from '../callback/route.ts'

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
}

/** Headers that concern one connection only (RFC 9110 §7.6.1), and those that the HTTP client writes itself. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'content-length',
])

/** Of the request: said anew for the target, or by us alone. */
const replaced: ReadonlySet<string> = new Set(['host', 'expect', 'forwarded', 'x-real-ip'])

/** A Connection header cannot take these away: handlers decide by them. */
const kept: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'content-type',
  'content-encoding',
  'content-language',
  'content-disposition',
  'date',
  'location',
  'set-cookie',
  'traceparent',
  'tracestate',
  'user-agent',
  'www-authenticate',
])

const none: ReadonlySet<string> = new Set()
const overrideNames = new WeakMap<readonly string[], ReadonlySet<string>>()

/** Signatures over the URL that was dialled, with their nonces; `x-vobiz-signature` itself is over the body. */
const URL_SIGNATURE = 'x-vobiz-signature-'

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
 * The headers of a callback for one target, names and values in turn: end-to-end headers as they came (order, case,
 * repeats), then ours. Content-Length is left to the HTTP client, and so is Host where the target's own is to be sent.
 *
 * X-Forwarded-Proto and -Host name what the provider dialled. Where signatures were made afresh they name what was
 * signed, so that a handler that rebuilds its URL from them comes to the same URL as one that looks at Host.
 */
export function requestHeaders(exchange: Exchange, target: Target, saying: Saying): string[] {
  const { callback, route } = exchange
  const raw = callback.rawHeaders
  const named = namedInConnection(raw)
  const overrides = namesOf(route.headers)
  const dropsAuthorization = target.authorization !== undefined || route.basicAuth !== undefined
  const isResigned = saying.signatures !== undefined
  const headers: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const lower = name.toLowerCase()
    if (isOfConnection(lower, named) || isOurs(lower, isResigned) || overrides.has(lower)) continue
    if (dropsAuthorization && lower === 'authorization') continue
    headers.push(name, raw[i + 1] ?? '')
  }
  if (target.authorization !== undefined && !overrides.has('authorization')) {
    headers.push('Authorization', target.authorization)
  }
  for (const text of route.headers) headers.push(text)
  addOurs(headers, exchange, target, saying)
  return headers
}

function addOurs(headers: string[], { callback, route }: Exchange, target: Target, saying: Saying): void {
  const { number, publicOrigin, signatures } = saying
  const { peer, proxies = '' } = callback
  headers.push('X-Forwarded-For', proxies === '' ? peer : `${peer}, ${proxies}`)
  const { proto, host } = signatures === undefined ? publicOrigin : seenOrigin(route, target, publicOrigin)
  headers.push('X-Forwarded-Proto', proto, 'X-Forwarded-Host', host)
  if (route.preserveHost) headers.push('Host', publicOrigin.host)
  if (signatures !== undefined) for (const text of signatures) headers.push(text)
  headers.push('X-Ringback-Delivery', callback.id)
  headers.push('X-Ringback-Attempt', String(number))
}

/** The headers of a reply for the provider, as received but without those of the connection and the length. */
export function replyHeaders(raw: readonly Buffer[]): string[] {
  return endToEnd(raw.map((bytes) => bytes.toString('latin1')))
}

/** Without the headers of the connection and the length; the others as they are. */
export function endToEnd(raw: readonly string[]): string[] {
  const named = namedInConnection(raw)
  const headers: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const lower = name.toLowerCase()
    if (!isOfConnection(lower, named)) headers.push(name, raw[i + 1] ?? '')
  }
  return headers
}

function isOfConnection(lower: string, named: ReadonlySet<string>): boolean {
  return hopByHop.has(lower) || named.has(lower)
}

/** Only we say what is forwarded, and by whom; what a sender wrote there is not to be believed. */
function isOurs(lower: string, isResigned: boolean): boolean {
  if (isResigned && lower.startsWith(URL_SIGNATURE)) return true
  return replaced.has(lower) || lower.startsWith('x-forwarded-') || lower.startsWith('x-ringback-')
}

function namedInConnection(raw: readonly string[]): ReadonlySet<string> {
  let names: Set<string> | undefined
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue
    for (const part of (raw[i + 1] ?? '').toLowerCase().split(',')) {
      const token = part.trim()
      if (token === '' || token === 'close' || token === 'keep-alive') continue
      if (kept.has(token) || token.startsWith('x-vobiz-')) continue
      names ??= new Set()
      names.add(token)
    }
  }
  return names ?? none
}

function namesOf(headers: readonly string[]): ReadonlySet<string> {
  if (headers.length === 0) return none
  let names = overrideNames.get(headers)
  if (names === undefined) {
    names = new Set(headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()))
    overrideNames.set(headers, names)
  }
  return names
}
