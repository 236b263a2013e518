import { randomBytes } from 'node:crypto'

/** Powers of two: as many as records that are known, once these are more. */
const FIRST_HEADS = 2 ** 12

/** Where the newest record of each bucket of a table stands; the older ones hang behind it. */
export class Buckets {
  /** Numbers of those records, modulo 2^32. */
  #heads: Int32Array
  readonly #most: number
  /** Odd and not to be guessed: nobody can choose requests that all fall into one bucket. */
  readonly #multiplier = randomBytes(4).readInt32LE() | 1

  /** @param mostRecords that are known at a time */
  constructor(mostRecords: number) {
    this.#most = 2 ** Math.ceil(Math.log2(Math.max(2, mostRecords)))
    this.#heads = new Int32Array(Math.min(FIRST_HEADS, this.#most))
  }

  get count(): number {
    return this.#heads.length
  }

  get canDivide(): boolean {
    return this.#heads.length < this.#most
  }

  /** A bucket more for each there is. Records that belong to the one half stay in the way of the other until they go. */
  divide(): void {
    const before = this.#heads
    this.#heads = new Int32Array(before.length * 2)
    for (let i = 0; i < before.length; i++) {
      const head = before[i] ?? 0
      this.#heads[2 * i] = head
      this.#heads[2 * i + 1] = head
    }
  }

  /** The bucket of a word of an identity. */
  of(word: number): number {
    // The upper bits: those of a product that every bit of its factors has a part in.
    return Math.imul(word, this.#multiplier) >>> (Math.clz32(this.#heads.length) + 1)
  }

  /** How many records before a later one the newest of a bucket stands. */
  ageOf(bucket: number, later: number): number {
    return (later - (this.#heads[bucket] ?? 0)) >>> 0
  }

  enter(bucket: number, record: number): void {
    this.#heads[bucket] = record
  }
}
