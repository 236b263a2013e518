import type { Exchange } from '../callback/callback.ts'
import type { Target } from '../callback/route.ts'

/** What the provider dialled, for X-Forwarded-Proto and X-Forwarded-Host. */
export interface PublicOrigin {
  readonly proto: string
  readonly host: string
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

/**
 * The headers of a callback for one target, names and values in turn: end-to-end headers as they came (order, case,
 * repeats), then ours. Host and Content-Length are left to the HTTP client, which writes the target's own.
 */
export function requestHeaders(
  exchange: Exchange,
  target: Target,
  number: number,
  publicOrigin: PublicOrigin,
): string[] {
  const { callback, route } = exchange
  const raw = callback.rawHeaders
  const named = namedInConnection(raw)
  const overrides = namesOf(route.headers)
  const dropsAuthorization = target.authorization !== undefined || route.basicAuth !== undefined
  const headers: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    const lower = name.toLowerCase()
    if (isOfConnection(lower, named) || isOurs(lower) || overrides.has(lower)) continue
    if (dropsAuthorization && lower === 'authorization') continue
    headers.push(name, raw[i + 1] ?? '')
  }
  if (target.authorization !== undefined && !overrides.has('authorization')) {
    headers.push('Authorization', target.authorization)
  }
  for (const text of route.headers) headers.push(text)
  const { peer, proxies = '' } = callback
  headers.push('X-Forwarded-For', proxies === '' ? peer : `${peer}, ${proxies}`)
  headers.push('X-Forwarded-Proto', publicOrigin.proto)
  headers.push('X-Forwarded-Host', publicOrigin.host)
  headers.push('X-Ringback-Delivery', callback.id)
  headers.push('X-Ringback-Attempt', String(number))
  return headers
}

/** The headers of a reply for the provider, as received but without those of the connection and the length. */
export function replyHeaders(raw: readonly Buffer[]): string[] {
  const texts = raw.map((bytes) => bytes.toString('latin1'))
  const named = namedInConnection(texts)
  const headers: string[] = []
  for (let i = 0; i + 1 < texts.length; i += 2) {
    const name = texts[i] ?? ''
    const lower = name.toLowerCase()
    if (!isOfConnection(lower, named)) headers.push(name, texts[i + 1] ?? '')
  }
  return headers
}

function isOfConnection(lower: string, named: ReadonlySet<string>): boolean {
  return hopByHop.has(lower) || named.has(lower)
}

/** Only we say what is forwarded, and by whom; what a sender wrote there is not to be believed. */
function isOurs(lower: string): boolean {
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
