import type { HeaderText } from '../../callback/header-text.ts'
import type { KeyRing } from '../verifier.ts'

/** A request whose signature did not hold, with all that a diagnosis looks at. Lives in memory only. */
export interface Suspect {
  readonly method: string
  /** The public URL without a slash at its end: what URL signatures are checked against. */
  readonly publicBase: string
  /** Raw path, without query. */
  readonly path: string
  /** With its `?`; empty without one. */
  readonly query: string
  readonly headers: HeaderText
  /** Undefined where it was too large to be held. */
  readonly body: Uint8Array | undefined
  /** Wall clock, milliseconds since the epoch. */
  readonly receivedAt: number
}

/** A key that a diagnosis tries, with the words for where it stands. */
export interface CandidateKey {
  readonly secret: string
  readonly kind: keyof KeyRing
  /** The setting, such as `accounts.MA_TEST123.auth_token`. */
  readonly setting: string
  /** Is it of the account or route that the request came for? */
  readonly isOwn: boolean
  /** When a reload took it out of the configuration; undefined while it is there. */
  readonly retiredAt: number | undefined
}
