import { idOf, packRandom, timeOfId } from '../../../callback/id.ts'
import { Arrivals } from './arrivals.ts'
import { Buckets } from './buckets.ts'
import { ContentMarks } from './content-marks.ts'
import { IDENTITY_DIGITS, isTimed } from '../guard-key.ts'
import { IdentityWords } from './identity-words.ts'
import { type Image, type ImageReader, must, numbersFrom, numbersPiece } from './image.ts'
import { placeOf, RecordRing } from './record-ring.ts'
import {
  BACK_MASK,
  BACK_SHIFT,
  BUCKET_WORD,
  CONTENT,
  FATE,
  ID,
  ID_REST_SHIFT,
  ID_TIME_MASK,
  IDENTITY,
  LINK,
  LINK_SHIFT,
  PENDING_LEADER,
  type RequestState,
  STATE_MASK,
  states,
  STATUS_MASK,
  STATUS_SHIFT,
  TIMED,
} from './request-record.ts'

/** A table cannot hold more: links are that long. */
const MOST_RECORDS = 2 ** 20

/**
 * Signed requests by identity, oldest out first: 32 to 36 bytes a request with its share of the bucket heads, and nothing
 * for the garbage collector to walk. A record is named by its number, which counts up and is never reused.
 *
 * Forgetting touches nothing: a link is followed only to records that are still there, and all behind one that is gone
 * are older still. Growing moves no record, and of a bucket that is divided both halves begin with what was in it.
 */
export class RequestTable {
  readonly #maxEntries: number
  readonly #ring: RecordRing
  readonly #buckets: Buckets
  #arrivals = new Arrivals()
  #marks = new ContentMarks()
  #oldest: number
  #end: number
  readonly #identity = new IdentityWords()

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
    this.#buckets = new Buckets(maxEntries)
  }

  /**
   * A table that knows what another one knew when its image was made. What was under way then is to be tried again.
   * @throws RangeError when that cannot be the image of a table with so many entries
   */
  static fromImage(maxEntries: number, reader: ImageReader): RequestTable {
    const [oldest = 0, end = 0] = numbersFrom(reader, 2)
    must(oldest >= 1 && Number.isSafeInteger(oldest) && Number.isSafeInteger(end), 'numbers that are none')
    must(end >= oldest && end - oldest <= maxEntries, 'more records than have room')
    const table = new RequestTable(maxEntries, oldest)
    table.#end = end
    table.#marks = ContentMarks.fromImage(reader)
    table.#ring.take(oldest, end, reader)
    table.#arrivals = Arrivals.fromImage(oldest, end, reader)
    table.#link()
    for (let record = oldest; record < end; record++) {
      if (table.isUnderWay(record)) table.setState(record, 'failed', 0)
    }
    return table
  }

  image(): Image {
    return [
      numbersPiece([this.#oldest, this.#end]),
      this.#marks.image(),
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

  /** Number of the record that comes next. */
  get end(): number {
    return this.#end
  }

  hasRoomFor(count: number): boolean {
    return this.size + count <= this.#maxEntries
  }

  /** The record whose state counts for the newest record of an identity; -1 when none is known. */
  find(guardKey: string, piece: number): number {
    this.#identity.read(guardKey, piece)
    const size = this.size
    const { folded, last } = this.#identity
    let age = this.#buckets.ageOf(this.#buckets.of(last), this.#end)
    // A head left over from 2^32 records ago may seem alive and lead into another bucket, which does no harm.
    while (age > 0 && age <= size) {
      const record = this.#end - age
      const words = this.#ring.wordsOf(record)
      const at = placeOf(record)
      if (words[at + IDENTITY] === folded && words[at + BUCKET_WORD] === last) {
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
    const content = this.#marks.of(contentHash)
    const idTime = this.#arrivals.add(leader, timeOfId(callbackId), expiresAt)
    const timed = isTimed(guardKey) ? TIMED : 0
    for (let piece = 0; piece * IDENTITY_DIGITS < guardKey.length; piece++) {
      if (this.size >= this.#buckets.count && this.#buckets.canDivide) this.#buckets.divide()
      this.#identity.read(guardKey, piece)
      const record = this.#end
      const words = this.#ring.wordsFor(record)
      const at = placeOf(record)
      const bucket = this.#buckets.of(this.#identity.last)
      const age = this.#buckets.ageOf(bucket, record)
      words[at + IDENTITY] = this.#identity.folded
      words[at + BUCKET_WORD] = this.#identity.last
      words[at + LINK] = ((age <= this.size ? age : 0) << LINK_SHIFT) | idTime
      words[at + CONTENT] = content
      const idRest = packRandom(callbackId, words, at + ID)
      words[at + FATE] = (idRest << ID_REST_SHIFT) | (piece << BACK_SHIFT) | timed
      this.#buckets.enter(bucket, record)
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
    return this.#word(record, CONTENT) === this.#marks.of(contentHash)
  }

  /** Does the record go stale by itself? */
  isTimed(record: number): boolean {
    return (this.#word(record, FATE) & TIMED) !== 0
  }

  /** When its id was made, Unix milliseconds. */
  idTime(record: number): number {
    return this.#arrivals.firstIdTime(record) + (this.#word(record, LINK) & ID_TIME_MASK)
  }

  callbackId(record: number): string {
    const time = this.idTime(record)
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

  /** Is it the first of those that were added together, and did nothing become of them yet? */
  isUnderWay(record: number): boolean {
    return (this.#word(record, FATE) & (STATE_MASK | (BACK_MASK << BACK_SHIFT))) === PENDING_LEADER
  }

  status(record: number): number {
    return (this.#word(record, FATE) >>> STATUS_SHIFT) & STATUS_MASK
  }

  /** @param status of HTTP, three digits; 0 for none */
  setState(record: number, state: RequestState, status: number): void {
    const words = this.#ring.wordsFor(record)
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

  /** Hangs every record behind its bucket, which for another multiplier is another one. */
  #link(): void {
    while (this.#buckets.count < this.size && this.#buckets.canDivide) this.#buckets.divide()
    for (let record = this.#oldest; record < this.#end; record++) {
      const words = this.#ring.wordsOf(record)
      const at = placeOf(record)
      const bucket = this.#buckets.of(words[at + BUCKET_WORD] ?? 0)
      const age = this.#buckets.ageOf(bucket, record)
      const link = age <= record - this.#oldest ? age : 0
      words[at + LINK] = (link << LINK_SHIFT) | ((words[at + LINK] ?? 0) & ID_TIME_MASK)
      this.#buckets.enter(bucket, record)
    }
  }
}
