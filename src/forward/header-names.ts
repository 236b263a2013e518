import { NameTable } from '../callback/name-table.ts'

/** What a header is to a proxy, by its name. Bits, so that one look-up answers every question. */
export const sort = {
  /** Concerns one connection only, or is written by the HTTP client itself. */
  hop: 1,
  /** `Connection` itself. */
  connection: 2,
  /** Of a request: said anew for the target, or by us alone. */
  ours: 4,
  /** A signature over the URL that was dialled, or its nonce. */
  urlSignature: 8,
  authorization: 16,
  /** Not a name that HTTP allows. */
  invalid: 32,
  /** Frames the request, or is in each that we send: a second one, set for a handler, would break it or contradict us. */
  written: 64,
} as const

/** How the connection is used and where the body ends, which the HTTP client alone decides. */
const framing: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
])

/** RFC 9110 §7.6.1. */
const hopByHop: ReadonlySet<string> = new Set([
  ...framing,
  'proxy-authenticate',
  'proxy-authorization',
  'http2-settings',
])

const asked: ReadonlySet<string> = new Set(['host', 'expect'])
const replaced: ReadonlySet<string> = new Set([...asked, 'forwarded', 'x-real-ip'])
const ourPrefixes = ['x-forwarded-', 'x-ringback-'] as const

/** Signatures over the URL that was dialled, with their nonces; `x-vobiz-signature` itself is over the body. */
const URL_SIGNATURE = 'x-vobiz-signature-'

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Names recur with every callback, so what a name stands for is worked out once; strangers' names are not hoarded. */
const known = new Map<string, number>()
const KNOWN_LIMIT = 1_000

/** The bits of a name as it was written. */
export function sortOf(name: string): number {
  const found = known.get(name)
  if (found !== undefined) return found
  const bits = bitsOf(name)
  if (known.size < KNOWN_LIMIT) known.set(name, bits)
  return bits
}

function bitsOf(name: string): number {
  if (!TOKEN.test(name)) return sort.invalid
  const lower = name.toLowerCase()
  let bits = 0
  if (hopByHop.has(lower)) bits |= sort.hop
  if (lower === 'connection') bits |= sort.connection
  if (lower === 'authorization') bits |= sort.authorization
  if (lower.startsWith(URL_SIGNATURE)) bits |= sort.urlSignature
  const isOurs = ourPrefixes.some((prefix) => lower.startsWith(prefix))
  // Only we say what is forwarded, and by whom; what a sender wrote there is not to be believed.
  if (replaced.has(lower) || isOurs) bits |= sort.ours
  if (framing.has(lower) || asked.has(lower) || isOurs) bits |= sort.written
  return bits
}

/** The bits of names in a header text; names without any are not in it. */
export const sorts = new NameTable(
  [...hopByHop, ...replaced, 'authorization'].map((name) => [name, bitsOf(name)] as const),
  [...ourPrefixes, URL_SIGNATURE].map((prefix) => [prefix, bitsOf(prefix)] as const),
)

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

/** Lower-case names that a Connection header makes headers of the connection; most name none. */
export function namedIn(connection: string): ReadonlySet<string> {
  if (connection === 'keep-alive' || connection === 'close') return none
  let names: Set<string> | undefined
  for (const part of connection.toLowerCase().split(',')) {
    const token = part.trim()
    if (token === '' || token === 'close' || token === 'keep-alive') continue
    if (kept.has(token) || token.startsWith('x-vobiz-')) continue
    names ??= new Set()
    names.add(token)
  }
  return names ?? none
}
