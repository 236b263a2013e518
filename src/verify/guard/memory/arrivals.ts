import { type Image, type ImageReader, must, numbersFrom, numbersPiece } from './image.ts'

/** Milliseconds after the first id of an entry that one of its ids may be made at; 12 bits. */
const ID_SPAN_MS = 4096

/**
 * When records came that are numbered in the order of their arrival: an entry for those that expire together, which are
 * as a rule those of one second. So a record need not hold its own time, and forgetting looks at no record.
 */
export class Arrivals {
  // Plain numbers of 8 bytes side by side, oldest entry first.
  #firsts: number[] = []
  #expiries: number[] = []
  #idTimes: number[] = []

  /**
   * The arrivals of the records from one on and before another.
   * @throws RangeError when the image cannot be of those
   */
  static fromImage(oldest: number, end: number, reader: ImageReader): Arrivals {
    const [count = 0] = numbersFrom(reader, 1)
    // Of the records there are, each is the first of an entry at most.
    must(count >= Math.min(1, end - oldest) && count <= end - oldest, 'arrivals of other records')
    const firsts = Array.from(numbersFrom(reader, count))
    const expiries = Array.from(numbersFrom(reader, count))
    const idTimes = Array.from(numbersFrom(reader, count))
    const isInOrder = firsts.every((first, i) =>
      i === 0 ? first <= oldest : first > Math.max(oldest, firsts[i - 1] ?? end),
    )
    must(isInOrder && (firsts.at(-1) ?? 0) < end, 'arrivals out of order')
    must(expiries.every(Number.isSafeInteger) && idTimes.every(Number.isSafeInteger), 'times that are none')
    const arrivals = new Arrivals()
    arrivals.#firsts = firsts
    arrivals.#expiries = expiries
    arrivals.#idTimes = idTimes
    return arrivals
  }

  image(): Image {
    return [[this.#firsts.length], this.#firsts, this.#expiries, this.#idTimes].map(numbersPiece)
  }

  /**
   * Enters the newest record.
   * @param idTime when its id was made, Unix milliseconds
   * @param expiresAt Unix milliseconds
   * @returns how long after the first id of its entry that is, milliseconds in 12 bits
   */
  add(record: number, idTime: number, expiresAt: number): number {
    const since = idTime - (this.#idTimes.at(-1) ?? Number.NaN)
    if (since >= 0 && since < ID_SPAN_MS && this.#expiries.at(-1) === expiresAt) return since
    this.#firsts.push(record)
    this.#expiries.push(expiresAt)
    this.#idTimes.push(idTime)
    return 0
  }

  /** Has the oldest entry expired? */
  hasExpired(nowMs: number): boolean {
    return (this.#expiries[0] ?? Infinity) <= nowMs
  }

  /** First record of the entry after the oldest; undefined when there is none. */
  get second(): number | undefined {
    return this.#firsts[1]
  }

  /** Forgets the entries of which no record is left. */
  forgetBefore(oldest: number): void {
    for (let next = this.second; next !== undefined && next <= oldest; next = this.second) {
      this.#firsts.shift()
      this.#expiries.shift()
      this.#idTimes.shift()
    }
  }

  clear(): void {
    this.#firsts.length = 0
    this.#expiries.length = 0
    this.#idTimes.length = 0
  }

  /** Unix milliseconds. */
  expiresAt(record: number): number {
    return this.#expiries[this.#entryOf(record)] ?? 0
  }

  /** When the first id of a record's entry was made, Unix milliseconds. */
  firstIdTime(record: number): number {
    return this.#idTimes[this.#entryOf(record)] ?? 0
  }

  /** The last entry that begins with the record or before it. */
  #entryOf(record: number): number {
    let low = 0
    let high = this.#firsts.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if ((this.#firsts[middle] ?? 0) <= record) low = middle
      else high = middle
    }
    return low
  }
}
