import { randomInt } from 'node:crypto'

import type { Config } from '../config/schema.ts'
import { Secret } from '../config/secret.ts'
import { RingbackError } from '../errors.ts'
import { sign } from '../verify/sign.ts'
import type { Dialect } from '../verify/verifier.ts'
import { formSample, jsonSample, type Sample, type SampleOf } from './body.ts'

type Account = Config['accounts'][number]

const keyOf = {
  timestamp: 'webhook_secret',
  v2: 'auth_token',
  v3: 'auth_token',
  'ma-v2': 'parent_auth_token',
  'ma-v3': 'parent_auth_token',
} as const satisfies Partial<Record<Dialect, keyof Account>>

/** The dialects that a test callback can have. */
export type SampleDialect = keyof typeof keyOf

/** How an account's test callbacks are signed unless somebody says otherwise. */
export function usualDialect(account: Account): SampleDialect {
  return account.webhook_secret === undefined ? 'v3' : 'timestamp'
}

/**
 * The key of an account that signs a dialect; the first of several signs.
 *
 * @throws RingbackError `usage` when the account has none
 */
export function signingKey(account: Account, dialect: SampleDialect): string {
  const key = keyOf[dialect]
  const configured = account[key]
  const secret = configured instanceof Secret ? configured : configured?.[0]
  if (secret !== undefined) return secret.reveal()
  throw new RingbackError('usage', `Account ${account.id} has no ${key}, which signs the dialect ${dialect}.`)
}

/** The sample in the format that goes with the dialect. */
export function sampleFor(dialect: SampleDialect, about: SampleOf): Sample {
  return dialect === 'timestamp' ? jsonSample(about) : formSample(about)
}

export interface Signing {
  readonly dialect: SampleDialect
  readonly secret: string
  /** What the provider would dial. */
  readonly signedUrl: URL
  readonly body: Uint8Array
  readonly contentType: string
  /** Unix seconds. */
  readonly nowSeconds: number
}

/** Headers of a callback as the provider would send them. */
export function signedHeaders(signing: Signing): Readonly<Record<string, string>> {
  const { dialect, secret, signedUrl, body, contentType, nowSeconds } = signing
  const signature = sign(dialect, {
    secret,
    baseUrl: signedUrl.origin + signedUrl.pathname,
    body,
    nowSeconds,
    nonce: newNonce(),
  })
  return { 'content-type': contentType, 'user-agent': 'Vobiz-Webhook/1.0', ...signature }
}

/** 20 digits, as the provider's. */
function newNonce(): string {
  return Array.from({ length: 20 }, () => String(randomInt(10))).join('')
}
