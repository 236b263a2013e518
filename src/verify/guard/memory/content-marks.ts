import { randomInt } from 'node:crypto'

import { wordOf } from '../../hex-digits.ts'
import { type ImageReader, must, numbersFrom, numbersPiece, type Piece } from './image.ts'

/** The largest prime below 2^32: a remainder fits into a word. */
const PRIME = 2 ** 32 - 5
/** The last 128 bits of a hash, 16 at a time: identities of events are made of the first ones. */
const HALVES = 8
const DIGITS_PER_WORD = 8
const FIRST_DIGIT = 32

/**
 * Marks of contents, 32 bits each, that nobody can aim at who does not know the key: a sum of the hash's parts, each with
 * a random factor of its own, modulo a prime. Whatever two hashes differ by, one factor in 2^32 of the part that differs
 * gives them the same mark, so looking for hashes that differ in a certain way is of no use. (With factors modulo 2^32
 * it would be: what differs in upper bits alone tends to stay the same, whatever the key is.)
 */
export class ContentMarks {
  readonly #factors: Float64Array

  /** @param factors below `PRIME`, of which nobody is to know */
  constructor(factors: Float64Array = Float64Array.from({ length: HALVES }, () => randomInt(PRIME))) {
    this.#factors = factors
  }

  /**
   * Marks with the key of others.
   * @throws RangeError when there is none in the image
   */
  static fromImage(reader: ImageReader): ContentMarks {
    const factors = numbersFrom(reader, HALVES)
    must(
      factors.every((factor) => Number.isInteger(factor) && factor >= 0 && factor < PRIME),
      'a key that is none',
    )
    return new ContentMarks(factors)
  }

  image(): Piece {
    return numbersPiece(this.#factors)
  }

  /** @throws TypeError when the hash is not made of hex digits */
  of(contentHash: string): number {
    const factors = this.#factors
    // No more than 8 products of 16 and 32 bits, which are exact.
    let sum = 0
    for (let half = 0; half < HALVES; half += 2) {
      const word = wordOf(contentHash, FIRST_DIGIT + (half / 2) * DIGITS_PER_WORD)
      sum += (word >>> 16) * (factors[half] ?? 0) + (word & 0xffff) * (factors[half + 1] ?? 0)
    }
    return (sum % PRIME) | 0
  }
}
