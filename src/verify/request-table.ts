import { packId, unpackId } from '../callback/id.ts'
import { IDENTITY_DIGITS, isTimed } from './guard-key.ts'

/** What became of a remembered request: nothing yet, it is to be tried again, or its answer stands. */
export type RequestState = 'pending' | 'failed' | 'answered'

// A record is 16 words of 32 bits, one cache line. Word 15 is not the record's own: in record i it is the head of hash
// bucket i. Links are a record's place plus one, so that 0 means none.
const WORDS = 16
const IDENTITY = 0
const CONTENT = 4
const ID = 8
const EXPIRES = 12
const STATE = 13
const NEXT = 14
const BUCKET = 15

const FIRST_CAPACITY = 1024
const HASH_BYTES = 16
// STATE holds, from the lowest bit: the state (2 bits), whether the request goes stale by itself, how far back the first
// of the records stands that were added together (it keeps the state of all), and the status of the answer.
const STATE_MASK = 3
const TIMED = 4
const BACK_SHIFT = 8
const STATUS_SHIFT = 16
const states: readonly RequestState[] = ['pending', 'failed', 'answered']

/**
 * Signed requests by identity, oldest out first: a hash table and a ring in one typed array, 64 bytes a request and
 * nothing for the garbage collector to walk. A record is named by its number, which counts up and is never reused.
 */
export class RequestTable {
  readonly #maxEntries: number
  #words = new Uint32Array(FIRST_CAPACITY * WORDS)
  #mask = FIRST_CAPACITY - 1
  #oldest = 0
  #end = 0
  // One identity and one content hash, as bytes and as words of the same memory.
  readonly #bytes = Buffer.alloc(2 * HASH_BYTES)
  readonly #parsed = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, (2 * HASH_BYTES) / 4)

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
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
    this.#parse(guardKey, piece * IDENTITY_DIGITS, 0)
    const words = this.#words
    let link = words[this.#bucketOf(this.#parsed[3] ?? 0)] ?? 0
    while (link !== 0) {
      const at = (link - 1) * WORDS
      if (this.#isSame(at + IDENTITY, 0)) return this.#leader(link - 1)
      link = words[at + NEXT] ?? 0
    }
    return -1
  }

  /**
   * Remembers every piece of a guard key as one pending request; the caller has seen to the room.
   * @param expiresAt Unix seconds
   */
  add(guardKey: string, contentHash: string, callbackId: string, expiresAt: number): number {
    const leader = this.#end
    const timed = isTimed(guardKey) ? TIMED : 0
    for (let piece = 0; piece * IDENTITY_DIGITS < guardKey.length; piece++) {
      if (this.size > this.#mask) this.#grow()
      this.#parse(guardKey, piece * IDENTITY_DIGITS, 0)
      this.#parse(contentHash, 0, HASH_BYTES)
      const place = this.#end & this.#mask
      const at = place * WORDS
      this.#words.set(this.#parsed, at + IDENTITY) // identity and content stand side by side in both
      packId(callbackId, this.#words, at + ID)
      this.#words[at + EXPIRES] = expiresAt
      this.#words[at + STATE] = (piece << BACK_SHIFT) | timed
      this.#link(place)
      this.#end++
    }
    return leader
  }

  /** Forgets the oldest record. */
  drop(): void {
    const place = this.#oldest & this.#mask
    const words = this.#words
    // The oldest is the last of its chain: whoever points to it ends the chain.
    let pointer = this.#bucketOf(words[place * WORDS + IDENTITY + 3] ?? 0)
    while (words[pointer] !== place + 1) pointer = ((words[pointer] ?? 0) - 1) * WORDS + NEXT
    words[pointer] = words[place * WORDS + NEXT] ?? 0
    this.#oldest++
  }

  hasContent(record: number, contentHash: string): boolean {
    this.#parse(contentHash, 0, HASH_BYTES)
    return this.#isSame(this.#at(record) + CONTENT, HASH_BYTES / 4)
  }

  /** Does the record go stale by itself? */
  isTimed(record: number): boolean {
    return ((this.#words[this.#at(record) + STATE] ?? 0) & TIMED) !== 0
  }

  callbackId(record: number): string {
    return unpackId(this.#words, this.#at(record) + ID)
  }

  /** Unix seconds. */
  expiresAt(record: number): number {
    return this.#words[this.#at(record) + EXPIRES] ?? 0
  }

  state(record: number): RequestState {
    return states[(this.#words[this.#at(record) + STATE] ?? 0) & STATE_MASK] ?? 'pending'
  }

  status(record: number): number {
    return (this.#words[this.#at(record) + STATE] ?? 0) >>> STATUS_SHIFT
  }

  setState(record: number, state: RequestState, status: number): void {
    const at = this.#at(record) + STATE
    this.#words[at] = (status << STATUS_SHIFT) | ((this.#words[at] ?? 0) & TIMED) | states.indexOf(state)
  }

  #at(record: number): number {
    return (record & this.#mask) * WORDS
  }

  /** Number of the first of the records that were added together; -1 when that one is already forgotten. */
  #leader(place: number): number {
    const record = this.#oldest + ((place - this.#oldest) & this.#mask)
    const back = ((this.#words[place * WORDS + STATE] ?? 0) >>> BACK_SHIFT) & 0xff
    return record - back >= this.#oldest ? record - back : -1
  }

  #parse(hex: string, from: number, to: number): void {
    const text = hex.slice(from, from + IDENTITY_DIGITS)
    if (this.#bytes.write(text, to, HASH_BYTES, 'hex') !== HASH_BYTES) {
      throw new TypeError('a guard key or content hash is not made of hex digits')
    }
  }

  #isSame(at: number, parsedAt: number): boolean {
    const words = this.#words
    const parsed = this.#parsed
    for (let i = 0; i < HASH_BYTES / 4; i++) if (words[at + i] !== parsed[parsedAt + i]) return false
    return true
  }

  /** Position of the head of the bucket of an identity. Identities are parts of hashes: any word is as good as another. */
  #bucketOf(word: number): number {
    return (word & this.#mask) * WORDS + BUCKET
  }

  #link(place: number): void {
    const words = this.#words
    const bucket = this.#bucketOf(words[place * WORDS + IDENTITY + 3] ?? 0)
    words[place * WORDS + NEXT] = words[bucket] ?? 0
    words[bucket] = place + 1
  }

  /** Doubles the room; places change, numbers do not. */
  #grow(): void {
    const old = this.#words
    const oldMask = this.#mask
    this.#mask = oldMask * 2 + 1
    this.#words = new Uint32Array((this.#mask + 1) * WORDS)
    for (let record = this.#oldest; record < this.#end; record++) {
      const from = (record & oldMask) * WORDS
      const place = record & this.#mask
      for (let word = 0; word < NEXT; word++) this.#words[place * WORDS + word] = old[from + word] ?? 0
      this.#link(place)
    }
  }
}
