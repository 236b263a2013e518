import { wordOf } from '../../hex-digits.ts'
import { IDENTITY_DIGITS } from '../guard-key.ts'
import { DIGITS_PER_WORD } from './request-record.ts'

/** An identity of a guard key in words. Mostly one is looked for and then added: it is read once. */
export class IdentityWords {
  first = 0
  second = 0
  /** Chooses the bucket. */
  rest = 0
  #key = ''
  #piece = -1

  /** @throws TypeError when it is not made of hex digits */
  read(guardKey: string, piece: number): void {
    if (this.#piece === piece && this.#key === guardKey) return
    this.#piece = -1
    const from = piece * IDENTITY_DIGITS
    // Folded, so that what differs in its first word alone, the kind or the route, is never mixed up.
    this.first = wordOf(guardKey, from) ^ wordOf(guardKey, from + DIGITS_PER_WORD)
    this.second = wordOf(guardKey, from + 2 * DIGITS_PER_WORD)
    this.rest = wordOf(guardKey, from + 3 * DIGITS_PER_WORD)
    this.#key = guardKey
    this.#piece = piece
  }
}
