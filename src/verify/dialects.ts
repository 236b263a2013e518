import type { Dialect, KeyRing } from './verifier.ts'

/** One way of signing, as data: where the parts stand, what is signed and with whose key. */
export interface DialectRow {
  readonly dialect: Dialect
  /** The kind of key that signs. */
  readonly keys: keyof KeyRing
  /** The kind of key that signs where the account has none of the first kind. */
  readonly keysOtherwise?: keyof KeyRing
  readonly signatureHeader: string
  /** Header of the value that makes each signature differ; empty where `salt` is none. */
  readonly saltHeader: string
  readonly salt: 'timestamp' | 'nonce' | 'none'
  readonly encoding: 'hex' | 'base64'
  /** Stands in front of the encoded signature. */
  readonly prefix: string
  /** The signed text in front of the body; the whole signed text where `signsBody` is false. */
  readonly signedText: (baseUrl: string, salt: string) => string
  readonly signsBody: boolean
}

/** The dialects that sign the URL that was dialled and a nonce. */
export type UrlDialect = 'v2' | 'v3' | 'ma-v2' | 'ma-v3'
type BodyDialect = 'trunk' | 'ndnc' | 'kyc' | 'whatsapp'

/**
 * Formats as the provider publishes them: `timestamp` on the page "Callback configurations", V2, V3 and MA on
 * https://vobiz.ai/docs/concepts/validating-callbacks (MA variants reuse the nonces and differ in the key only),
 * `trunk` on /docs/trunks/webhook, `ndnc` on /docs/account/ndnc-webhook, `whatsapp` on /docs/whatsapp/webhooks,
 * `kyc` in https://github.com/vobiz-ai/Agent-Skills (sub-accounts).
 */
export const dialects: Readonly<Record<Dialect, DialectRow>> = {
  timestamp: {
    dialect: 'timestamp',
    keys: 'webhookSecrets',
    signatureHeader: 'x-vobiz-signature',
    saltHeader: 'x-vobiz-timestamp',
    salt: 'timestamp',
    encoding: 'hex',
    prefix: '',
    signedText: (_baseUrl, salt) => `${salt}.`,
    signsBody: true,
  },
  v3: urlDialect('v3', 'authTokens', '.'),
  v2: urlDialect('v2', 'authTokens', ''),
  'ma-v3': urlDialect('ma-v3', 'parentAuthTokens', '.'),
  'ma-v2': urlDialect('ma-v2', 'parentAuthTokens', ''),
  trunk: bodyDialect('trunk', 'signingSecrets'),
  ndnc: bodyDialect('ndnc', 'signingSecrets'),
  // Signed by the parent account, which is the account itself where it has no parent.
  kyc: { ...bodyDialect('kyc', 'parentAuthTokens'), keysOtherwise: 'authTokens', prefix: 'sha256=' },
  whatsapp: { ...bodyDialect('whatsapp', 'signingSecrets'), signatureHeader: 'x-webhook-signature' },
}

/** Every dialect, in the order in which a request is judged by them: strongest first within a kind of key. */
export const dialectNames = [
  'timestamp',
  'v3',
  'v2',
  'ma-v3',
  'ma-v2',
  'trunk',
  'ndnc',
  'kyc',
  'whatsapp',
] as const satisfies readonly Dialect[]

/** What an account speaks that does not say it: every dialect that one of its keys is for, trunk for a signing secret. */
export function dialectsOf(keys: KeyRing): readonly Dialect[] {
  const spoken: Dialect[] = []
  if (keys.webhookSecrets.length > 0) spoken.push('timestamp')
  if (keys.authTokens.length > 0) spoken.push('v3', 'v2')
  if (keys.parentAuthTokens.length > 0) spoken.push('ma-v3', 'ma-v2')
  if (keys.signingSecrets.length > 0) spoken.push('trunk')
  return spoken
}

/** The keys that a dialect is checked with. */
export function keysFor({ keys, keysOtherwise }: DialectRow, ring: KeyRing): readonly string[] {
  return keysOtherwise === undefined || ring[keys].length > 0 ? ring[keys] : ring[keysOtherwise]
}

function urlDialect(dialect: UrlDialect, keys: keyof KeyRing, separator: string): DialectRow {
  return {
    dialect,
    keys,
    signatureHeader: `x-vobiz-signature-${dialect}`,
    saltHeader: `x-vobiz-signature-${dialect.replace('ma-', '')}-nonce`,
    salt: 'nonce',
    encoding: 'base64',
    prefix: '',
    signedText: (baseUrl, salt) => baseUrl + separator + salt,
    signsBody: false,
  }
}

function bodyDialect(dialect: BodyDialect, keys: keyof KeyRing): DialectRow {
  return {
    dialect,
    keys,
    signatureHeader: 'x-vobiz-signature',
    saltHeader: '',
    salt: 'none',
    encoding: 'hex',
    prefix: '',
    signedText: () => '',
    signsBody: true,
  }
}

const TIMESTAMP = /^[1-9]\d{9}$/
const NONCE = /^\d{20}$/

/** Unix seconds in ASCII digits. Anything looser lets text of the body move into the timestamp, or makes NaN of it. */
export function isTimestamp(text: string): boolean {
  return TIMESTAMP.test(text)
}

/** Exactly the 20 digits of the provider: with a free length the boundary between URL and nonce could be moved. */
export function isNonce(text: string): boolean {
  return NONCE.test(text)
}
