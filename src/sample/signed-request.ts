import { randomInt } from 'node:crypto'

import type { Config } from '../config/schema.ts'
import { Secret } from '../config/secret.ts'
import { RingbackError } from '../errors.ts'
import { sign } from '../verify/signing/sign.ts'
import type { Dialect } from '../verify/verifier.ts'
import { formSample, jsonSample, type Sample, type SampleOf } from './body.ts'
import { kycSample, ndncSample, trunkSample, whatsappSample } from './body-events.ts'

type Account = Config['accounts'][number]

const keyOf = {
  timestamp: 'webhook_secret',
  v2: 'auth_token',
  v3: 'auth_token',
  'ma-v2': 'parent_auth_token',
  'ma-v3': 'parent_auth_token',
  kyc: 'parent_auth_token',
} as const satisfies Partial<Record<Dialect, keyof Account>>

/** The dialects that a test callback can have. */
export type SampleDialect = Dialect

/** An entry that may have a signing secret of its own: a trunk or a route. */
export interface SigningEntry {
  readonly id: string
  readonly dialects?: readonly Dialect[] | undefined
  readonly signing_secret?: Secret | readonly Secret[] | undefined
}

/** How test callbacks are signed unless somebody says otherwise. */
export function usualDialect(account: Account, entry?: SigningEntry): SampleDialect {
  const [declared] = entry?.dialects ?? account.dialects ?? []
  if (entry?.signing_secret !== undefined) return declared ?? 'trunk'
  return declared ?? (account.webhook_secret === undefined ? 'v3' : 'timestamp')
}

/**
 * The key of an account that signs a dialect; the first of several signs.
 *
 * @throws RingbackError `usage` when the account has none
 */
export function signingKey(account: Account, dialect: SampleDialect, entry?: SigningEntry): string {
  if (dialect === 'trunk' || dialect === 'ndnc' || dialect === 'whatsapp') {
    const secret = firstOf(entry?.signing_secret)
    if (secret !== undefined) return secret.reveal()
    throw new RingbackError(
      'usage',
      `The dialect ${dialect} is signed with the signing_secret of a trunk or route; name one that has it: --trunk or --route.`,
    )
  }
  const key = keyOf[dialect]
  const secret = firstOf(account[key]) ?? (dialect === 'kyc' ? firstOf(account.auth_token) : undefined)
  if (secret !== undefined) return secret.reveal()
  throw new RingbackError('usage', `Account ${account.id} has no ${key}, which signs the dialect ${dialect}.`)
}

function firstOf(secrets: Secret | readonly Secret[] | undefined): Secret | undefined {
  return secrets instanceof Secret ? secrets : secrets?.[0]
}

/** The sample in the format that goes with the dialect. */
export function sampleFor(dialect: SampleDialect, about: SampleOf): Sample {
  switch (dialect) {
    case 'timestamp':
      return jsonSample(about)
    case 'v2':
    case 'v3':
    case 'ma-v2':
    case 'ma-v3':
      return formSample(about)
    case 'trunk':
      return trunkSample(about)
    case 'ndnc':
      return ndncSample(about)
    case 'kyc':
      return kycSample(about)
    case 'whatsapp':
      return whatsappSample(about)
  }
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

/** A voice callback as the provider signs it: V2 and V3 by the own token, and by the parent's where there is one. */
export function voiceHeaders(
  keys: { readonly own: string; readonly parent: string | undefined },
  { signedUrl, body }: { readonly signedUrl: URL; readonly body: Uint8Array },
): Readonly<Record<string, string>> {
  const common = { baseUrl: signedUrl.origin + signedUrl.pathname, body, nowSeconds: 0 }
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    'user-agent': 'Vobiz-Webhook/1.0',
  }
  for (const version of ['v2', 'v3'] as const) {
    const nonce = newNonce()
    Object.assign(headers, sign(version, { ...common, nonce, secret: keys.own }))
    if (keys.parent === undefined) continue
    Object.assign(headers, sign(`ma-${version}`, { ...common, nonce, secret: keys.parent }))
  }
  return headers
}

/** 20 digits, as the provider's. */
function newNonce(): string {
  return Array.from({ length: 20 }, () => String(randomInt(10))).join('')
}
