import { randomFillSync } from 'node:crypto'

import type { HeaderText } from '../../callback/header-text.ts'
import { dialects, keysFor, type UrlDialect } from '../dialects.ts'
import { HmacKey, MAC_BYTES } from './hmac-key.ts'
import { readSignatureHeaders, valueOf } from './signature-headers.ts'
import type { KeyRing } from '../verifier.ts'

/**
 * Signatures for the URL of a handler, as header names and values in turn, in place of all that the request brought
 * over URL and nonce. Undefined when it brought none that there is a key for: then nothing is to be replaced.
 *
 * @param baseUrl what the handler takes for its own URL, without query
 */
export type Resigner = (headers: HeaderText, baseUrl: string) => readonly string[] | undefined

/** Header names in the provider's own case, because some handlers look them up by it. */
const written: Readonly<Record<UrlDialect, readonly [signature: string, nonce: string]>> = {
  v2: ['X-Vobiz-Signature-V2', 'X-Vobiz-Signature-V2-Nonce'],
  v3: ['X-Vobiz-Signature-V3', 'X-Vobiz-Signature-V3-Nonce'],
  'ma-v2': ['X-Vobiz-Signature-MA-V2', 'X-Vobiz-Signature-V2-Nonce'],
  'ma-v3': ['X-Vobiz-Signature-MA-V3', 'X-Vobiz-Signature-V3-Nonce'],
}
/** Own and MA variant of one version share its nonce. */
const versions: readonly (readonly UrlDialect[])[] = [
  ['v2', 'ma-v2'],
  ['v3', 'ma-v3'],
]

/**
 * A re-signer with the keys of one account; undefined when it has none that sign URLs. The first of several keys signs.
 * A variant is signed only with its own kind of key, and only if the request carried it: nobody gets a stronger proof
 * from us than the provider gave. A variant without a key here is dropped, because its nonce would be gone.
 *
 * @param newNonce gives 20 digits, never the same twice
 */
export function createResigner(ring: KeyRing, newNonce: () => string): Resigner | undefined {
  const keys = new Map<UrlDialect, HmacKey>()
  for (const dialect of versions.flat()) {
    const [secret] = keysFor(dialects[dialect], ring)
    if (secret !== undefined) keys.set(dialect, new HmacKey(secret))
  }
  if (keys.size === 0) return undefined
  const mac = Buffer.alloc(MAC_BYTES)

  return function resign(received, baseUrl) {
    const { found } = readSignatureHeaders(received)
    const headers: string[] = []
    for (const variants of versions) {
      let nonce: string | undefined
      for (const dialect of variants) {
        const key = keys.get(dialect)
        const row = dialects[dialect]
        if (key === undefined || valueOf(found, row.signatureHeader) === undefined) continue
        const [signatureName, nonceName] = written[dialect]
        if (nonce === undefined) headers.push(nonceName, (nonce = newNonce()))
        key.macInto(mac, row.signedText(baseUrl, nonce))
        headers.push(signatureName, mac.toString('base64'))
      }
    }
    return headers.length === 0 ? undefined : headers
  }
}

const NONCE_DIGITS = 20
const pool = Buffer.alloc(1024)
let used = pool.length

/** 20 random digits, as the provider's. */
export function randomNonce(): string {
  let nonce = ''
  while (nonce.length < NONCE_DIGITS) {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const byte = pool[used++] ?? 0
    if (byte < 250) nonce += String(byte % 10) // 250 to 255 would favour the low digits
  }
  return nonce
}
