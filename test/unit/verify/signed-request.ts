import { headerTextOf } from '../../../src/callback/header-text.ts'
import { sign, type SignInput } from '../../../src/verify/signing/sign.ts'
import type { Dialect, KeyRing, SignedRequest } from '../../../src/verify/verifier.ts'

export const NOW_SECONDS = 1_767_225_600
export const NOW_MS = NOW_SECONDS * 1000
export const BASE_URL = 'https://cb.example.com/hooks/answer'
export const TOKEN = 'vobiz-test-token-0001'
export const PARENT_TOKEN = 'vobiz-parent-token-9999'
export const SECRET = 'whsec_test'
export const NONCE_V2 = '12345678901234567890'
export const NONCE_V3 = '09876543210987654321'
export const BODY = Buffer.from(
  '{"event":"call.completed","call_id":"test-call-123","from":"+14155551234","to":"+14155555678",' +
    '"status":"completed","duration":125,"account_id":"MA_TEST123"}',
)

export const SIGNING_SECRET = 'trunk-signing-secret'

/** Those that a key alone declares for an account. */
export const allDialects: readonly Dialect[] = ['timestamp', 'v2', 'v3', 'ma-v2', 'ma-v3']

export const noKeys: KeyRing = {
  webhookSecrets: [],
  authTokens: [],
  parentAuthTokens: [],
  signingSecrets: [],
}
export const allKeys: KeyRing = {
  webhookSecrets: [SECRET],
  authTokens: [TOKEN],
  parentAuthTokens: [PARENT_TOKEN],
  signingSecrets: [],
}

export function secretOf(dialect: Dialect): string {
  switch (dialect) {
    case 'timestamp':
      return SECRET
    case 'v2':
    case 'v3':
      return TOKEN
    case 'ma-v2':
    case 'ma-v3':
    case 'kyc':
      return PARENT_TOKEN
    case 'trunk':
    case 'ndnc':
    case 'whatsapp':
      return SIGNING_SECRET
  }
}

/** Raw headers of any number of header records, in turn. */
export function raw(...records: readonly Readonly<Record<string, string>>[]): string[] {
  return records.flatMap((record) => Object.entries(record).flat())
}

export function signed(dialect: Dialect, change: Partial<SignInput> = {}): Readonly<Record<string, string>> {
  const nonce = dialect.endsWith('v2') ? NONCE_V2 : NONCE_V3
  const input = { secret: secretOf(dialect), baseUrl: BASE_URL, body: BODY, nowSeconds: NOW_SECONDS, nonce }
  return sign(dialect, { ...input, ...change })
}

export function request(rawHeaders: readonly string[], change: Partial<SignedRequest> = {}): SignedRequest {
  return { method: 'POST', baseUrl: BASE_URL, body: BODY, headers: headerTextOf(rawHeaders), ...change }
}
