import { timingSafeEqual } from 'node:crypto'

import { type DialectRow, dialectNames, dialects, isNonce } from '../dialects.ts'
import { HmacKey, MAC_BYTES } from '../signing/hmac-key.ts'
import { readSignatureHeaders, valueOf } from '../signing/signature-headers.ts'
import type { Dialect } from '../verifier.ts'
import { bodyVariants } from './body-variants.ts'
import type { Diagnosis, Difference, SignatureFinding } from './diagnosis.ts'
import { signaturesOf } from './spelling.ts'
import type { CandidateKey, Suspect } from './suspect.ts'
import { urlVariants, type Variant } from './url-variants.ts'

/** The most MACs of one diagnosis. */
const MOST_TRIES = 20_000
/** After so many MACs the caller gets a turn. */
const TRIES_A_TURN = 64

/** What a diagnosis knows beside the request. */
export interface Ground {
  readonly keys: readonly CandidateKey[]
  /** The dialects that are accepted where the request came in. */
  readonly declared: readonly Dialect[]
  /** How far the clocks may be apart, milliseconds. */
  readonly windowMs: number
}

/** A signature that the request carries. */
interface Claim {
  readonly row: DialectRow
  readonly signature: string
  readonly salt: string
}

/** One way in which the signed text may have been made. */
type SignedText = Variant<{ readonly text: string; readonly body: Uint8Array | undefined }>

/**
 * Tries what the sender may have signed instead of what we check, and with which key: says what would have verified.
 * Gives control back every few dozen hashes, so that whoever drives it can let other work pass. Compares in constant
 * time and tells of matches alone: no expected signature leaves this function.
 */
export function* diagnose(suspect: Suspect, ground: Ground): Generator<undefined, Diagnosis> {
  const { found, duplicate } = readSignatureHeaders(suspect.headers)
  const findings: SignatureFinding[] = []
  const budget = { left: MOST_TRIES }
  for (const claim of claimsOf(found)) findings.push(yield* examine(claim, suspect, ground, budget))
  return { findings, duplicate, tried: MOST_TRIES - budget.left }
}

/** Every signature that a request may be said to carry. Five dialects share one header: each that fits is tried. */
function claimsOf(found: readonly string[]): readonly Claim[] {
  return dialectNames.flatMap((name) => {
    const row = dialects[name]
    const signature = valueOf(found, row.signatureHeader)
    if (signature === undefined) return []
    const salt = row.saltHeader === '' ? '' : valueOf(found, row.saltHeader)
    // Without its timestamp the shared header is that of another dialect.
    if (row.salt === 'timestamp' && salt === undefined) return []
    if (row.salt === 'none' && valueOf(found, dialects.timestamp.saltHeader) !== undefined) {
      if (row.signatureHeader === dialects.timestamp.signatureHeader) return []
    }
    return [{ row, signature, salt: salt ?? '' }]
  })
}

function* examine(
  claim: Claim,
  suspect: Suspect,
  ground: Ground,
  budget: { left: number },
): Generator<undefined, SignatureFinding> {
  const { row } = claim
  const result = (what: SignatureFinding['result']): SignatureFinding => ({
    dialect: row.dialect,
    result: what,
    differences: [],
  })
  const signatures = signaturesOf(claim.signature, row)
  if (signatures.length === 0 || !isSalt(row, claim.salt)) return result('malformed')
  if (row.signsBody && suspect.body === undefined) return result('not_tried')
  if (ground.keys.length === 0) return result('no_key')

  const texts = signedTexts(claim, suspect)
  const mac = Buffer.alloc(MAC_BYTES)
  for (const key of ground.keys) {
    const hmac = new HmacKey(key.secret)
    // A stranger's key is tried on little: every way with every key would take too long.
    const most = key.isOwn ? texts.length : texts.filter(({ differences }) => differences.length < 2).length
    for (const { value, differences } of texts.slice(0, most)) {
      if (budget.left-- <= 0) return result('not_tried')
      if (budget.left % TRIES_A_TURN === 0) yield
      hmac.macInto(mac, value.text, value.body)
      const match = signatures.find(({ bytes }) => timingSafeEqual(bytes, mac))
      if (match === undefined) continue
      const all = [...keyDifferences(key, row), ...differences, ...match.differences]
      return {
        dialect: row.dialect,
        result: 'match',
        differences: [...all, ...policyDifferences(claim, suspect, ground)],
      }
    }
  }
  const hasKey = ground.keys.some(
    ({ isOwn, kind }) => isOwn && (kind === row.keys || kind === row.keysOtherwise),
  )
  return result(hasKey ? 'no_match' : 'no_key')
}

/** Digits at least; that they have the right length is part of what is found out. */
function isSalt(row: DialectRow, salt: string): boolean {
  if (row.salt === 'none') return true
  return row.salt === 'nonce' ? isNonce(salt) : /^\d{10,16}$/.test(salt)
}

function signedTexts({ row, salt }: Claim, suspect: Suspect): readonly SignedText[] {
  if (!row.signsBody) {
    return urlVariants(suspect).map(({ value, differences }) => ({
      value: { text: row.signedText(value, salt), body: undefined },
      differences,
    }))
  }
  return bodyVariants(suspect.body ?? new Uint8Array()).map(({ value, differences }) => ({
    value: { text: row.signedText('', salt), body: value },
    differences,
  }))
}

function keyDifferences(
  { kind, setting, isOwn, retiredAt }: CandidateKey,
  row: DialectRow,
): readonly Difference[] {
  const found: Difference[] = []
  if (retiredAt !== undefined) found.push({ code: 'older_secret', setting, retiredAt })
  else if (!isOwn) found.push({ code: 'other_owner', setting })
  const isKind = kind === row.keys || kind === row.keysOtherwise
  if (!isKind) found.push({ code: 'other_kind', setting, needed: row.keys })
  return found
}

/** What stands against a signature that is right. */
function policyDifferences(
  { row, salt }: Claim,
  { receivedAt }: Suspect,
  { declared, windowMs }: Ground,
): readonly Difference[] {
  const found: Difference[] = []
  if (!declared.includes(row.dialect)) found.push({ code: 'not_declared' })
  if (row.salt !== 'timestamp') return found
  if (salt.length > 10) return [...found, { code: 'milliseconds' }]
  const byMs = Number(salt) * 1000 - Math.floor(receivedAt / 1000) * 1000
  return Math.abs(byMs) <= windowMs ? found : [...found, { code: 'stale', byMs }]
}
