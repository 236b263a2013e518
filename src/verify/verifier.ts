import type { RefusalReason } from '../callback/attempt.ts'
import type { HeaderText } from '../callback/header-text.ts'

/** What a signature check needs to know of a request; nothing of it was parsed. */
export interface SignedRequest {
  readonly method: string
  /** The public URL that was dialled, without query: scheme, host, port and raw path. */
  readonly baseUrl: string
  readonly headers: HeaderText
  readonly body: Uint8Array
}

/** Keys of one account, as text. Several of a kind while a rotation is under way: any of them verifies. */
export interface KeyRing {
  readonly webhookSecrets: readonly string[]
  readonly authTokens: readonly string[]
  readonly parentAuthTokens: readonly string[]
  /** Of a trunk, a WhatsApp subscription or the NDNC webhook. */
  readonly signingSecrets: readonly string[]
}

export type Verification =
  | {
      readonly ok: true
      readonly dialect: Dialect
      /**
       * Identity of the signed request for the replay guard: hex, one piece of IDENTITY_DIGITS digits for each
       * thing in the request that must not come twice (see guard-key.ts).
       */
      readonly guardKey: string
    }
  | { readonly ok: false; readonly reason: RefusalReason }

export type Dialect = 'timestamp' | 'v2' | 'v3' | 'ma-v2' | 'ma-v3' | 'trunk' | 'ndnc' | 'kyc' | 'whatsapp'

/** Checks a request against an account's keys. Never throws, whatever the request holds; constant time in the signature. */
export type Verifier = (request: SignedRequest, nowMs: number) => Verification
