import { wordOf } from '../../hex-digits.ts'
import { IDENTITY_DIGITS } from '../guard-key.ts'

const DIGITS_PER_WORD = 8

/** An identity of a guard key in two words. Mostly one is looked for and then added: it is read once. */
export class IdentityWords {
  /** Of the first three quarters of it. */
  folded = 0
  /** The last quarter, which chooses the bucket. */
  last = 0
  #key = ''
  #piece = -1

  /** @throws TypeError when it is not made of hex digits */
  read(guardKey: string, piece: number): void {
    if (this.#piece === piece && this.#key === guardKey) return
    this.#piece = -1
    const from = piece * IDENTITY_DIGITS
    // So what differs in one quarter alone, such as the kind or the route, is never mixed up.
    const first = wordOf(guardKey, from)
    const second = wordOf(guardKey, from + DIGITS_PER_WORD)
    this.folded = first ^ second ^ wordOf(guardKey, from + 2 * DIGITS_PER_WORD)
    this.last = wordOf(guardKey, from + 3 * DIGITS_PER_WORD)
    this.#key = guardKey
    this.#piece = piece
  }
}
