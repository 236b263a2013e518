import { packId, unpackId } from '../callback/id.ts'
import { IDENTITY_DIGITS, isTimed } from './guard-key.ts'

/** What became of a remembered request: nothing yet, it is to be tried again, or its answer stands. */
export type RequestState = 'pending' | 'failed' | 'answered'

// A record is 12 words of 32 bits. Of the identity 96 bits are kept: that two of a million share them is less likely than
// a fault of the memory. Of the content 64 are: who finds another content with the same is answered as before, no more.
// Links are a record's place plus one, so that 0 means none.
const WORDS = 12
const IDENTITY = 0
const IDENTITY_WORDS = 3
const CONTENT = 3
const CONTENT_WORDS = 2
const ID = 5
const EXPIRES = 9
const STATE = 10
const NEXT = 11
/** Of a parsed identity or content. */
const PARSED_WORDS = 4

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
 * Signed requests by identity, oldest out first: a ring in one typed array and the heads of its hash buckets in another,
 * 52 bytes a request and nothing for the garbage collector to walk. Heads stand apart because they are hit all over: the
 * pages of the ring that no request has reached yet take no memory. A record is named by its number, which counts up and
 * is never reused.
 */
export class RequestTable {
  readonly #maxEntries: number
  #words = new Uint32Array(FIRST_CAPACITY * WORDS)
  #heads = new Uint32Array(FIRST_CAPACITY)
  #mask = FIRST_CAPACITY - 1
  #oldest = 0
  #end = 0
  // One identity and one content hash, as bytes and as words of the same memory.
  readonly #bytes = Buffer.alloc(2 * HASH_BYTES)
  readonly #parsed = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, 2 * PARSED_WORDS)

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
    let link = this.#heads[this.#bucketOf(this.#parsed[IDENTITY_WORDS - 1] ?? 0)] ?? 0
    while (link !== 0) {
      const at = (link - 1) * WORDS
      if (this.#isSame(at + IDENTITY, 0, IDENTITY_WORDS)) return this.#leader(link - 1)
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
      this.#copy(0, at + IDENTITY, IDENTITY_WORDS)
      this.#copy(PARSED_WORDS, at + CONTENT, CONTENT_WORDS)
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
    const after = words[place * WORDS + NEXT] ?? 0
    const bucket = this.#bucketOf(this.#lastOfIdentity(place))
    // The oldest is the last of its chain: whoever points to it ends the chain.
    let link = this.#heads[bucket] ?? 0
    if (link === place + 1) this.#heads[bucket] = after
    else {
      while (words[(link - 1) * WORDS + NEXT] !== place + 1) link = words[(link - 1) * WORDS + NEXT] ?? 0
      words[(link - 1) * WORDS + NEXT] = after
    }
    this.#oldest++
  }

  hasContent(record: number, contentHash: string): boolean {
    this.#parse(contentHash, 0, HASH_BYTES)
    return this.#isSame(this.#at(record) + CONTENT, PARSED_WORDS, CONTENT_WORDS)
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

  #isSame(at: number, parsedAt: number, count: number): boolean {
    const words = this.#words
    const parsed = this.#parsed
    for (let i = 0; i < count; i++) if (words[at + i] !== parsed[parsedAt + i]) return false
    return true
  }

  #copy(parsedAt: number, at: number, count: number): void {
    for (let i = 0; i < count; i++) this.#words[at + i] = this.#parsed[parsedAt + i] ?? 0
  }

  #lastOfIdentity(place: number): number {
    return this.#words[place * WORDS + IDENTITY + IDENTITY_WORDS - 1] ?? 0
  }

  /** The bucket of an identity. Identities are parts of hashes: any word but the first is as good as another. */
  #bucketOf(word: number): number {
    return word & this.#mask
  }

  #link(place: number): void {
    const bucket = this.#bucketOf(this.#lastOfIdentity(place))
    this.#words[place * WORDS + NEXT] = this.#heads[bucket] ?? 0
    this.#heads[bucket] = place + 1
  }

  /** Doubles the room; places change, numbers do not. */
  #grow(): void {
    const old = this.#words
    const oldMask = this.#mask
    this.#mask = oldMask * 2 + 1
    this.#words = new Uint32Array((this.#mask + 1) * WORDS)
    this.#heads = new Uint32Array(this.#mask + 1)
    for (let record = this.#oldest; record < this.#end; record++) {
      const from = (record & oldMask) * WORDS
      const place = record & this.#mask
      for (let word = 0; word < NEXT; word++) this.#words[place * WORDS + word] = old[from + word] ?? 0
      this.#link(place)
    }
  }
}
