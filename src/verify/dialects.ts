import type { Dialect, KeyRing } from './verifier.ts'

/** One way of signing, as data: where the parts stand, what is signed and with whose key. */
export interface DialectRow {
  readonly dialect: Dialect
  /** The kind of key that signs. */
  readonly keys: keyof KeyRing
  readonly signatureHeader: string
  /** Header of the value that makes each signature differ: a timestamp or a nonce. */
  readonly saltHeader: string
  readonly salt: 'timestamp' | 'nonce'
  readonly encoding: 'hex' | 'base64'
  /** The signed text in front of the body; the whole signed text where `signsBody` is false. */
  readonly signedText: (baseUrl: string, salt: string) => string
  readonly signsBody: boolean
}

type UrlDialect = Exclude<Dialect, 'timestamp'>

/**
 * Formats as the provider publishes them: `timestamp` on the page "Callback configurations", the others on
 * https://vobiz.ai/docs/concepts/validating-callbacks. MA variants reuse the nonces and differ in the key only.
 */
export const dialects: Readonly<Record<Dialect, DialectRow>> = {
  timestamp: {
    dialect: 'timestamp',
    keys: 'webhookSecrets',
    signatureHeader: 'x-vobiz-signature',
    saltHeader: 'x-vobiz-timestamp',
    salt: 'timestamp',
    encoding: 'hex',
    signedText: (_baseUrl, salt) => `${salt}.`,
    signsBody: true,
  },
  v3: urlDialect('v3', 'authTokens', '.'),
  v2: urlDialect('v2', 'authTokens', ''),
  'ma-v3': urlDialect('ma-v3', 'parentAuthTokens', '.'),
  'ma-v2': urlDialect('ma-v2', 'parentAuthTokens', ''),
}

function urlDialect(dialect: UrlDialect, keys: keyof KeyRing, separator: string): DialectRow {
  return {
    dialect,
    keys,
    signatureHeader: `x-vobiz-signature-${dialect}`,
    saltHeader: `x-vobiz-signature-${dialect.replace('ma-', '')}-nonce`,
    salt: 'nonce',
    encoding: 'base64',
    signedText: (baseUrl, salt) => baseUrl + separator + salt,
    signsBody: false,
  }
}

/** Unix seconds in ASCII digits. Anything looser lets text of the body move into the timestamp, or makes NaN of it. */
export function isTimestamp(text: string): boolean {
  return /^[1-9]\d{9}$/.test(text)
}

/** Exactly the 20 digits of the provider: with a free length the boundary between URL and nonce could be moved. */
export function isNonce(text: string): boolean {
  return /^\d{20}$/.test(text)
}
