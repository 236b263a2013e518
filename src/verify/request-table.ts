import { randomBytes } from 'node:crypto'

import { idOf, packRandom, timeOfId } from '../callback/id.ts'
import { Arrivals } from './arrivals.ts'
import { IDENTITY_DIGITS, isTimed } from './guard-key.ts'
import { wordOf } from './hex-digits.ts'
import { type Image, type ImageReader, must, numbersFrom } from './image.ts'
import { placeOf, RecordRing } from './record-ring.ts'

/** What became of a remembered request: nothing yet, it is to be tried again, or its answer stands. */
export type RequestState = 'pending' | 'failed' | 'answered'

// A record is 8 words of 32 bits. Of the 128 bits of an identity two words are kept and 20 choose the bucket (in a table
// of a million), which are made of others: a request is taken for another one once in 2^64, at a thousand a second once in
// 600 million years. All of it comes from hashes and MACs; where somebody may choose what is hashed it is his own request
// that is mixed up. Of the content 64 bits are kept, because one with a nonce may be tried again with an equal one.
// What a search looks at comes first: memory that the system gives out begins at a multiple of 16 bytes, so those 16 are
// always in one line of it.
const IDENTITY = 0
/** How many records before this one the next of its bucket stands (20 bits, 0 for none), and when the id was made. */
const LINK = 2
const LINK_SHIFT = 12
const ID_TIME_MASK = 0xfff
/** The last 16 bits of the id, and below them what `STATE_MASK` and the others say. */
const FATE = 3
const CONTENT = 4
const ID = 6
const DIGITS_PER_WORD = 8
const CONTENT_DIGITS = 64

/** A table cannot hold more: links are that long. */
const MOST_RECORDS = 2 ** 20
/** Powers of two: as many as records that are known, once these are more. */
const FIRST_HEADS = 2 ** 12

// FATE holds, from the lowest bit: the state (2 bits), whether the request goes stale by itself, how far back the first
// of the records stands that were added together (3 bits; that one keeps the state of all), the status of the answer.
const STATE_MASK = 3
const TIMED = 4
const BACK_SHIFT = 3
const BACK_MASK = 7
const STATUS_SHIFT = 6
const STATUS_MASK = 0x3ff
const ID_REST_SHIFT = 16
const states: readonly RequestState[] = ['pending', 'failed', 'answered']
/** State and distance of the first of some records that nothing became of. */
const PENDING_LEADER = 0

/**
 * Signed requests by identity, oldest out first: 36 to 40 bytes a request with its share of the bucket heads, and nothing for
 * the garbage collector to walk. A record is named by its number, which counts up and is never reused.
 *
 * Forgetting touches nothing: a link is followed only to records that are still there, and all behind one that is gone
 * are older still. Growing moves no record, and of a bucket that is divided both halves begin with what was in it.
 */
export class RequestTable {
  readonly #maxEntries: number
  readonly #ring: RecordRing
  /** Numbers of the newest records of each bucket, modulo 2^32. */
  #heads: Int32Array
  readonly #mostHeads: number
  /** Odd and not to be guessed: nobody can choose requests that all fall into one bucket. */
  #multiplier = randomBytes(4).readInt32LE() | 1
  #arrivals = new Arrivals()
  #oldest: number
  #end: number
  /** The identity that was read last, and where it stood: mostly it is looked for and then added. */
  #identity0 = 0
  #identity1 = 0
  #bucket = 0
  #readKey = ''
  #readPiece = -1

  /**
   * @param first number of the first record; from 1 on, so that a head of 0 is older than every record
   * @throws RangeError when there would be too many for the links
   */
  constructor(maxEntries: number, first = 1) {
    if (maxEntries > MOST_RECORDS) throw new RangeError(`at most ${MOST_RECORDS} requests can be remembered`)
    this.#maxEntries = maxEntries
    this.#oldest = first
    this.#end = first
    this.#ring = new RecordRing(maxEntries)
    this.#mostHeads = 2 ** Math.ceil(Math.log2(Math.max(2, maxEntries)))
    this.#heads = new Int32Array(Math.min(FIRST_HEADS, this.#mostHeads))
  }

  /**
   * A table that knows what another one knew when its image was made. No record is hashed anew.
   * @throws RangeError when that cannot be the image of a table with so many entries
   */
  static fromImage(maxEntries: number, reader: ImageReader): RequestTable {
    const [oldest = 0, end = 0, heads = 0, multiplier = 0] = numbersFrom(reader, 4)
    must(oldest >= 1 && Number.isSafeInteger(oldest) && Number.isSafeInteger(end), 'numbers that are none')
    must(end >= oldest && end - oldest <= maxEntries, 'more records than have room')
    const table = new RequestTable(maxEntries, oldest)
    const isPower = Number.isInteger(Math.log2(heads))
    must(isPower && heads >= table.#heads.length && heads <= table.#mostHeads, 'buckets that cannot be')
    table.#end = end
    table.#multiplier = multiplier | 1
    table.#heads = new Int32Array(heads)
    reader.read(table.#heads)
    table.#ring.take(oldest, end, reader)
    table.#arrivals = Arrivals.fromImage(oldest, end, reader)
    return table
  }

  image(): Image {
    return [
      Float64Array.of(this.#oldest, this.#end, this.#heads.length, this.#multiplier),
      this.#heads,
      ...this.#ring.image(this.#oldest, this.#end),
      ...this.#arrivals.image(),
    ]
  }

  get size(): number {
    return this.#end - this.#oldest
  }

  /** Number of the oldest record; meaningless when the table is empty. */
  get oldest(): number {
    return this.#oldest
  }

  hasRoomFor(count: number): boolean {
    return this.size + count <= this.#maxEntries
  }

  /** The record whose state counts for the newest record of an identity; -1 when none is known. */
  find(guardKey: string, piece: number): number {
    this.#readIdentity(guardKey, piece)
    const size = this.size
    let age = this.#ageOfHead()
    // A head left over from 2^32 records ago may seem alive and lead into another bucket, which does no harm.
    while (age > 0 && age <= size) {
      const record = this.#end - age
      const words = this.#ring.wordsOf(record)
      const at = placeOf(record)
      if (words[at + IDENTITY] === this.#identity0 && words[at + IDENTITY + 1] === this.#identity1) {
        return this.#leader(record)
      }
      const link = (words[at + LINK] ?? 0) >>> LINK_SHIFT
      if (link === 0) break
      age += link
    }
    return -1
  }

  /**
   * Remembers every piece of a guard key as one pending request; the caller has seen to the room.
   * @param expiresAt Unix milliseconds
   */
  add(guardKey: string, contentHash: string, callbackId: string, expiresAt: number): number {
    const leader = this.#end
    const idTime = this.#arrivals.add(leader, timeOfId(callbackId), expiresAt)
    const timed = isTimed(guardKey) ? TIMED : 0
    for (let piece = 0; piece * IDENTITY_DIGITS < guardKey.length; piece++) {
      if (this.size >= this.#heads.length && this.#heads.length < this.#mostHeads) this.#divideBuckets()
      this.#readIdentity(guardKey, piece)
      const record = this.#end
      const words = this.#ring.wordsFor(record)
      const at = placeOf(record)
      const age = this.#ageOfHead()
      words[at + IDENTITY] = this.#identity0
      words[at + IDENTITY + 1] = this.#identity1
      words[at + LINK] = ((age <= this.size ? age : 0) << LINK_SHIFT) | idTime
      words[at + CONTENT] = contentWord(contentHash, 0)
      words[at + CONTENT + 1] = contentWord(contentHash, 1)
      const idRest = packRandom(callbackId, words, at + ID)
      words[at + FATE] = (idRest << ID_REST_SHIFT) | (piece << BACK_SHIFT) | timed
      this.#heads[this.#bucket] = record
      this.#end++
    }
    return leader
  }

  /** Forgets the oldest record. */
  drop(): void {
    this.#dropBefore(this.#oldest + 1)
  }

  /** Forgets the oldest records as far as they have expired. @returns whether there were any */
  dropExpired(nowMs: number): boolean {
    const before = this.#oldest
    while (this.size > 0 && this.#arrivals.hasExpired(nowMs)) {
      this.#dropBefore(this.#arrivals.second ?? this.#end)
    }
    return this.#oldest !== before
  }

  hasContent(record: number, contentHash: string): boolean {
    return (
      this.#word(record, CONTENT) === contentWord(contentHash, 0) &&
      this.#word(record, CONTENT + 1) === contentWord(contentHash, 1)
    )
  }

  /** Does the record go stale by itself? */
  isTimed(record: number): boolean {
    return (this.#word(record, FATE) & TIMED) !== 0
  }

  callbackId(record: number): string {
    const time = this.#arrivals.firstIdTime(record) + (this.#word(record, LINK) & ID_TIME_MASK)
    const rest = this.#word(record, FATE) >>> ID_REST_SHIFT
    return idOf(time, this.#ring.wordsOf(record), placeOf(record) + ID, rest)
  }

  /** Unix milliseconds. */
  expiresAt(record: number): number {
    return this.#arrivals.expiresAt(record)
  }

  state(record: number): RequestState {
    return states[this.#word(record, FATE) & STATE_MASK] ?? 'pending'
  }

  /** Is there a request of which nothing became yet? */
  get hasPending(): boolean {
    for (let record = this.#oldest; record < this.#end; record++) {
      if ((this.#word(record, FATE) & (STATE_MASK | (BACK_MASK << BACK_SHIFT))) === PENDING_LEADER)
        return true
    }
    return false
  }

  status(record: number): number {
    return (this.#word(record, FATE) >>> STATUS_SHIFT) & STATUS_MASK
  }

  /** @param status of HTTP, three digits; 0 for none */
  setState(record: number, state: RequestState, status: number): void {
    const words = this.#ring.wordsOf(record)
    const at = placeOf(record) + FATE
    const kept = (words[at] ?? 0) & ~(STATE_MASK | (STATUS_MASK << STATUS_SHIFT))
    words[at] = kept | (status << STATUS_SHIFT) | states.indexOf(state)
  }

  #word(record: number, word: number): number {
    return this.#ring.wordsOf(record)[placeOf(record) + word] ?? 0
  }

  #dropBefore(oldest: number): void {
    this.#ring.forget(this.#oldest, oldest)
    this.#oldest = oldest
    if (oldest === this.#end) this.#arrivals.clear()
    else this.#arrivals.forgetBefore(oldest)
  }

  /** Number of the first of the records that were added together; -1 when that one is already forgotten. */
  #leader(record: number): number {
    const back = (this.#word(record, FATE) >>> BACK_SHIFT) & BACK_MASK
    return record - back >= this.#oldest ? record - back : -1
  }

  /** How many records before the next one the newest of the bucket of the identity stands. */
  #ageOfHead(): number {
    return (this.#end - (this.#heads[this.#bucket] ?? 0)) >>> 0
  }

  /** A bucket more for each there is. Records that belong to the one half stay in the way of the other until they go. */
  #divideBuckets(): void {
    const before = this.#heads
    this.#heads = new Int32Array(before.length * 2)
    for (let i = 0; i < before.length; i++) {
      const head = before[i] ?? 0
      this.#heads[2 * i] = head
      this.#heads[2 * i + 1] = head
    }
    this.#readPiece = -1
  }

  #readIdentity(guardKey: string, piece: number): void {
    if (this.#readPiece === piece && this.#readKey === guardKey) return
    this.#readPiece = -1
    const from = piece * IDENTITY_DIGITS
    // Folded, so that what differs in its first word alone, the kind or the route, is never mixed up.
    this.#identity0 = wordOf(guardKey, from) ^ wordOf(guardKey, from + DIGITS_PER_WORD)
    this.#identity1 = wordOf(guardKey, from + 2 * DIGITS_PER_WORD)
    const rest = wordOf(guardKey, from + 3 * DIGITS_PER_WORD)
    // The upper bits: those of a product that every bit of its factors has a part in.
    this.#bucket = Math.imul(rest, this.#multiplier) >>> (Math.clz32(this.#heads.length) + 1)
    this.#readKey = guardKey
    this.#readPiece = piece
  }
}

/** Of the last 64 bits: identities of events are made of the first ones. */
function contentWord(contentHash: string, word: number): number {
  return wordOf(contentHash, CONTENT_DIGITS + (word - 2) * DIGITS_PER_WORD)
}
