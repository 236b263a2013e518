import type { GuardRow } from '../../ledger/ledger.ts'
import type { KeptAnswer } from './memory/kept-answers.ts'
import type { Image } from './memory/image.ts'

/** How a signed request ended. */
export interface Settlement extends KeptAnswer {
  /** True when nothing is left to deliver: a repeat gets this answer again. False: a repeat is a new try. */
  readonly delivered: boolean
}

/** What to do with a signed request. `duplicateOf` is the id of the callback that brought it first. */
export type Admission =
  | { readonly kind: 'new' }
  /** It came before and failed: try again. */
  | { readonly kind: 'again'; readonly duplicateOf: string }
  /** It came before and was delivered: answer as before, deliver nothing. */
  | { readonly kind: 'answered'; readonly duplicateOf: string; readonly answer: KeptAnswer }
  /** It is under way: wait for the answer of the first, deliver nothing. */
  | { readonly kind: 'joined'; readonly duplicateOf: string; readonly answer: Promise<Settlement> }
  | { readonly kind: 'refused'; readonly reason: 'nonce_reused' | 'overloaded' }

/** Names a request that was let in; -1 where there was no room to remember it. */
export type Admitted = number

/** Tells a provider's retry from a replay. In memory, bounded, restored from the ledger at start. */
export interface ReplayGuard {
  /**
   * Judges and remembers a request that was verified. After `new` and `again` the caller must `settle`, on every path.
   * @param guardKey from the verification; must not be empty
   * @param contentHash from hashContent
   */
  admit(guardKey: string, contentHash: string, callbackId: string, nowMs: number): Admission
  /** Names what the last `admit` let in as `new` or `again`. */
  readonly admitted: Admitted
  /** Ends what `admit` let in, and answers those who joined it, also when it is forgotten meanwhile. */
  settle(what: Admitted, settlement: Settlement): void
  /** Remembers what the ledger knows and has not expired; for the start, before the first `admit`. */
  restore(rows: readonly GuardRow[], nowMs: number): void
  /** All that is remembered. A guard made of it tries what is under way now once more, unless the ledger tells its end. */
  image(): Image
  /** When the first callback was made of which it waits to hear how it ended, Unix milliseconds; Infinity for none. */
  underWaySince(): number
  /** Id of the callback that was let in last of those remembered; empty for none. */
  readonly newest: string
  /** How many identities were remembered in all, forgotten ones too. */
  readonly passed: number
  /** Identities remembered. */
  readonly size: number
}

export interface ReplayGuardOptions {
  /** Of the timestamp dialect, milliseconds. Requests are remembered for twice as long: a timestamp may lie ahead. */
  readonly windowMs?: number
  /** Identities remembered at most (no more than 2^20), 36 bytes each at most and 24 for each second in which one came. */
  readonly maxEntries?: number
  /** Bytes of answers with a body, all together. */
  readonly maxAnswerBytes?: number
}
