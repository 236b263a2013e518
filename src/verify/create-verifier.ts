import { timingSafeEqual } from 'node:crypto'

import type { RefusalReason } from '../callback/attempt.ts'
import { type DialectRow, dialects, dialectsOf, isNonce, isTimestamp, keysFor } from './dialects.ts'
import {
  identitiesOfNonces,
  identityOfBody,
  identityOfEvent,
  identityOfSignature,
} from './guard/guard-key.ts'
import { hexDigits } from './hex-digits.ts'
import { HmacKey, MAC_BYTES } from './signing/hmac-key.ts'
import { readSignatureHeaders, valueOf } from './signing/signature-headers.ts'
import type { Dialect, KeyRing, SignedRequest, Verification, Verifier } from './verifier.ts'

/** How far the clocks of the provider and ours may be apart, and how old a request may be. */
export const DEFAULT_WINDOW_MS = 300_000
/** The provider's family of products lists several signatures in one header while a key rotates. */
const MAX_SIGNATURES = 8

const HEX_MAC = /^[0-9a-f]{64}$/
// The last digit before the padding carries 4 bits: the other two must be zero, or one MAC would have four spellings.
const BASE64_MAC = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/
/** The legacy V1 signature, HMAC-SHA1: it shares a header with five other dialects and is never judged. */
const V1_MAC = /^[A-Za-z0-9+/]{27}=$/

/** The dialects of one kind of key, strongest first, with the keys of the account. */
interface Family {
  readonly rows: readonly DialectRow[]
  readonly keys: readonly HmacKey[]
}

/** A signature that is there, not yet judged. */
interface Claim {
  readonly row: DialectRow
  readonly signature: string | undefined
  readonly salt: string | undefined
}

const mac = Buffer.alloc(MAC_BYTES)
/** The MAC of a header that offers one in hex: nobody keeps it. */
const offered = Buffer.alloc(MAC_BYTES)
const oneOffered: readonly Buffer[] = [offered]
const none: readonly Buffer[] = []

/**
 * A verifier for one declared set of dialects. What is accepted follows from set and keys alone, never from the request:
 *
 * 1. A dialect is looked at only when it is in the set and its key is there. Without a declared set, the keys are the
 *    declaration: webhook secrets (timestamp), auth tokens (V3, V2), auth tokens of the parent (MA-V3, MA-V2).
 * 2. Of each kind of key only the strongest signature that the request carries is judged: V2 only where there is no
 *    V3. A bad V3 is not rescued by a good V2.
 * 3. One kind of key that accepts is enough: callbacks of a sub-account carry signatures by its own and by its
 *    parent's token, and either proves them.
 * 4. Otherwise the reason is that of the first kind, in the order of (1), of which there was a signature at all.
 * 5. A signature header that stands there twice is refused, whoever reads it.
 *
 * `x-vobiz-signature` is shared with the legacy V1: it belongs to the timestamp dialect only when it comes with
 * `x-vobiz-timestamp` or is 64 hex digits.
 *
 * @throws RangeError when a key is empty.
 */
export function createVerifier(
  keys: KeyRing,
  options: { readonly windowMs?: number; readonly dialects?: readonly Dialect[] | undefined } = {},
): Verifier {
  const { windowMs = DEFAULT_WINDOW_MS } = options
  const families = familiesOf(keys, options.dialects ?? dialectsOf(keys))
  const usesNonces = families.some(({ rows }) => rows.some(({ salt }) => salt === 'nonce'))

  return function verify(request: SignedRequest, nowMs: number): Verification {
    const { found, duplicate } = readSignatureHeaders(request.headers)
    if (duplicate !== undefined) {
      return refused(duplicate === dialects.timestamp.saltHeader ? 'timestamp_bad' : 'signature_bad')
    }
    let reason: RefusalReason | undefined
    for (const family of families) {
      const claim = strongestClaim(family, found)
      if (claim === undefined) continue
      const problem = judge(claim, family.keys, request) ?? staleness(claim, nowMs, windowMs)
      if (problem === undefined) {
        return {
          ok: true,
          dialect: claim.row.dialect,
          guardKey: guardKey(claim, request, usesNonces ? found : []),
        }
      }
      reason ??= problem
    }
    return refused(reason ?? 'signature_missing')
  }
}

function refused(reason: RefusalReason): Verification {
  return { ok: false, reason }
}

/** Rows of one family are alternatives of one another: only the strongest that a request carries is judged. */
const strongestFirst: readonly (readonly [DialectRow, ...DialectRow[]])[] = [
  [dialects.timestamp],
  [dialects.v3, dialects.v2],
  [dialects['ma-v3'], dialects['ma-v2']],
  [dialects.trunk],
  [dialects.ndnc],
  [dialects.kyc],
  [dialects.whatsapp],
]

function familiesOf(ring: KeyRing, declared: readonly Dialect[]): readonly Family[] {
  return strongestFirst
    .map((all) => ({
      rows: all.filter((row) => declared.includes(row.dialect)),
      keys: keysFor(all[0], ring).map((secret) => new HmacKey(secret)),
    }))
    .filter(({ rows, keys }) => rows.length > 0 && keys.length > 0)
}

function strongestClaim(family: Family, found: readonly string[]): Claim | undefined {
  for (const row of family.rows) {
    const signature = valueOf(found, row.signatureHeader)
    const salt = row.saltHeader === '' ? undefined : valueOf(found, row.saltHeader)
    if (isClaimed(row, signature, salt)) return { row, signature, salt }
  }
  return undefined
}

function isClaimed(row: DialectRow, signature: string | undefined, salt: string | undefined): boolean {
  switch (row.salt) {
    case 'timestamp':
      return salt !== undefined || (signature !== undefined && HEX_MAC.test(signature))
    case 'nonce':
      return signature !== undefined
    case 'none':
      return signature !== undefined && !V1_MAC.test(signature)
  }
}

/** Why the signature does not hold; undefined when it does. Formats first: arithmetic only on what is known to be digits. */
function judge(claim: Claim, keys: readonly HmacKey[], request: SignedRequest): RefusalReason | undefined {
  const { row, signature, salt } = claim
  if (signature === undefined) return 'signature_missing'
  if (row.salt === 'timestamp' && (salt === undefined || !isTimestamp(salt))) return 'timestamp_bad'
  if (row.salt === 'nonce' && (salt === undefined || !isNonce(salt))) return 'signature_bad'

  const candidates = decodeSignatures(signature, row)
  if (candidates.length === 0) return 'signature_bad'
  const text = row.signedText(request.baseUrl, salt ?? '')
  for (const key of keys) {
    key.macInto(mac, text, row.signsBody ? request.body : undefined)
    for (const candidate of candidates) if (timingSafeEqual(candidate, mac)) return undefined
  }
  return 'signature_bad'
}

/** Judged after the signature, so that "stale" is said only of what was truly signed: a slow clock or a replay. */
function staleness({ row, salt }: Claim, nowMs: number, windowMs: number): RefusalReason | undefined {
  if (row.salt !== 'timestamp') return undefined
  const ageMs = Math.floor(nowMs / 1000) * 1000 - Number(salt) * 1000
  return Math.abs(ageMs) <= windowMs ? undefined : 'timestamp_stale'
}

/** The MACs a header offers, each MAC_BYTES long; what is not spelled exactly as the provider spells it is left out. */
function decodeSignatures(value: string, { encoding, prefix }: DialectRow): readonly Buffer[] {
  if (encoding === 'hex')
    return value.startsWith(prefix) && readHexMac(value, prefix.length) ? oneOffered : none
  if (BASE64_MAC.test(value)) return [Buffer.from(value, 'base64')]
  const listed = value.split(',', MAX_SIGNATURES + 1).map((part) => part.trim())
  if (listed.length > MAX_SIGNATURES) return []
  return listed.filter((part) => BASE64_MAC.test(part)).map((part) => Buffer.from(part, 'base64'))
}

/** Reads 64 lower-case hex digits, and nothing behind them, into `offered`; false when the text is anything else. */
function readHexMac(text: string, from: number): boolean {
  if (text.length - from !== 2 * MAC_BYTES) return false
  let seen = 0
  for (let i = 0; i < MAC_BYTES; i++) {
    const high = hexDigits[text.charCodeAt(from + 2 * i)] ?? -1
    const low = hexDigits[text.charCodeAt(from + 2 * i + 1)] ?? -1
    seen |= high | low
    offered[i] = (high << 4) | low
  }
  return seen >= 0
}

function guardKey(claim: Claim, { baseUrl, body }: SignedRequest, found: readonly string[]): string {
  const own = ownIdentity(claim, body)
  if (found.length === 0) return own
  const v3 = valueOf(found, dialects.v3.saltHeader)
  const v2 = valueOf(found, dialects.v2.saltHeader)
  return own + identitiesOfNonces(baseUrl, v3, v2)
}

/** The body is read only here, after its signature held. */
function ownIdentity({ row, signature = '' }: Claim, body: Uint8Array): string {
  switch (row.salt) {
    case 'timestamp':
      return identityOfSignature(signature)
    case 'nonce':
      return ''
    case 'none':
      return identityOfBody(signature.slice(row.prefix.length)) + identityOfEvent(body)
  }
}
