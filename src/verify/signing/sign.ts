import { dialects } from '../dialects.ts'
import { HmacKey, MAC_BYTES } from './hmac-key.ts'
import type { Dialect } from '../verifier.ts'

export type { Dialect } from '../verifier.ts'

export interface SignInput {
  readonly secret: string
  /** The URL that will be dialled, without query. */
  readonly baseUrl: string
  readonly body: Uint8Array
  /** Unix time, for the dialect with a timestamp. */
  readonly nowSeconds: number
  /** 20 digits, for the dialects that sign the URL; never the same twice. */
  readonly nonce: string
}

/** The headers by which the provider proves a request in a dialect, by lower-case name. */
export function sign(dialect: Dialect, input: SignInput): Readonly<Record<string, string>> {
  const row = dialects[dialect]
  const salt = row.salt === 'timestamp' ? String(input.nowSeconds) : input.nonce
  const mac = Buffer.alloc(MAC_BYTES)
  const text = row.signedText(input.baseUrl, salt)
  new HmacKey(input.secret).macInto(mac, text, row.signsBody ? input.body : undefined)
  const signature = { [row.signatureHeader]: row.prefix + mac.toString(row.encoding) }
  return row.salt === 'none' ? signature : { ...signature, [row.saltHeader]: salt }
}
