import { packId, unpackId } from '../callback/id.ts'
import { IDENTITY_DIGITS, isTimed } from './guard-key.ts'
import { hexDigits } from './hex-digits.ts'

/** What became of a remembered request: nothing yet, it is to be tried again, or its answer stands. */
export type RequestState = 'pending' | 'failed' | 'answered'

// A record is 12 words of 32 bits. Of the identity 96 bits are kept: that two of a million share them is less likely than
// a fault of the memory. Of the content 64 are: who finds another content with the same is answered as before, no more.
// Identity and link stand side by side: whoever follows a chain waits for one line of memory at each record.
const WORDS = 12
const IDENTITY = 0
const IDENTITY_WORDS = 3
const NEXT = 3
const CONTENT = 4
const ID = 6
const EXPIRES = 10
const STATE = 11
const DIGITS_PER_WORD = 8

/** Records of one piece of memory. */
const SEGMENT = 1024
const SEGMENT_BITS = 10
// STATE holds, from the lowest bit: the state (2 bits), whether the request goes stale by itself, how far back the first
// of the records stands that were added together (it keeps the state of all), and the status of the answer.
const STATE_MASK = 3
const TIMED = 4
const BACK_SHIFT = 8
const STATUS_SHIFT = 16
const states: readonly RequestState[] = ['pending', 'failed', 'answered']

/**
 * Signed requests by identity, oldest out first: 52 bytes a request and nothing for the garbage collector to walk. A
 * record is named by its number, which counts up and is never reused.
 *
 * Forgetting touches nothing: whatever links to a record that is gone ends there, because all behind it is older still.
 * Growing moves nothing: the ring is made of segments, which come and go whole, and there are bucket heads for all from
 * the start, which take no memory until they are used.
 */
export class RequestTable {
  readonly #maxEntries: number
  readonly #slotMask: number
  readonly #segments: (Int32Array | undefined)[]
  #spare: Int32Array | undefined
  readonly #heads: Int32Array
  #oldest: number
  #end: number
  /** The words of the identity that was read last, and where it stood: mostly it is looked for and then added. */
  readonly #identity = new Int32Array(IDENTITY_WORDS)
  #readKey = ''
  #readPiece = -1

  /** @param first number of the first record; from 1 on, so that a link of 0 is older than every record */
  constructor(maxEntries: number, first = 1) {
    this.#maxEntries = maxEntries
    this.#oldest = first
    this.#end = first
    const slots = powerOf2(maxEntries / SEGMENT + 2)
    this.#slotMask = slots - 1
    this.#segments = Array.from({ length: slots })
    this.#heads = new Int32Array(powerOf2(maxEntries))
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
    const identity = this.#identity
    const a = identity[0] ?? 0
    const b = identity[1] ?? 0
    const c = identity[2] ?? 0
    const size = this.#end - this.#oldest
    let link = this.#heads[c & (this.#heads.length - 1)] ?? 0
    // Links are numbers modulo 2^32, so one left over from long ago may seem alive. A chain leads to ever older records:
    // to follow it no other way makes such a link harmless.
    for (let age = 0; ;) {
      const older = (this.#end - link) >>> 0
      if (older <= age || older > size) break
      age = older
      const record = this.#end - age
      const words = this.#wordsOf(record)
      const at = (record & (SEGMENT - 1)) * WORDS
      if (words[at + 2] === c && words[at + 1] === b && words[at] === a) return this.#leader(record)
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
      this.#readIdentity(guardKey, piece)
      const words = this.#newest()
      const at = (this.#end & (SEGMENT - 1)) * WORDS
      for (let i = 0; i < IDENTITY_WORDS; i++) words[at + IDENTITY + i] = this.#identity[i] ?? 0
      words[at + CONTENT] = wordOf(contentHash, 0)
      words[at + CONTENT + 1] = wordOf(contentHash, DIGITS_PER_WORD)
      packId(callbackId, words, at + ID)
      words[at + EXPIRES] = expiresAt
      words[at + STATE] = (piece << BACK_SHIFT) | timed
      const bucket = (this.#identity[2] ?? 0) & (this.#heads.length - 1)
      words[at + NEXT] = this.#heads[bucket] ?? 0
      this.#heads[bucket] = this.#end
      this.#end++
    }
    return leader
  }

  /** Forgets the oldest record. */
  drop(): void {
    const slot = this.#slotOf(this.#oldest)
    this.#oldest++
    if (this.#slotOf(this.#oldest) !== slot) {
      this.#spare = this.#segments[slot]
      this.#segments[slot] = undefined
    }
  }

  hasContent(record: number, contentHash: string): boolean {
    const words = this.#wordsOf(record)
    const at = (record & (SEGMENT - 1)) * WORDS + CONTENT
    return words[at] === wordOf(contentHash, 0) && words[at + 1] === wordOf(contentHash, DIGITS_PER_WORD)
  }

  /** Does the record go stale by itself? */
  isTimed(record: number): boolean {
    return (this.#word(record, STATE) & TIMED) !== 0
  }

  callbackId(record: number): string {
    return unpackId(this.#wordsOf(record), (record & (SEGMENT - 1)) * WORDS + ID)
  }

  /** Unix seconds. */
  expiresAt(record: number): number {
    return this.#word(record, EXPIRES) >>> 0
  }

  state(record: number): RequestState {
    return states[this.#word(record, STATE) & STATE_MASK] ?? 'pending'
  }

  status(record: number): number {
    return this.#word(record, STATE) >>> STATUS_SHIFT
  }

  setState(record: number, state: RequestState, status: number): void {
    const words = this.#wordsOf(record)
    const at = (record & (SEGMENT - 1)) * WORDS + STATE
    words[at] = (status << STATUS_SHIFT) | ((words[at] ?? 0) & TIMED) | states.indexOf(state)
  }

  #word(record: number, word: number): number {
    return this.#wordsOf(record)[(record & (SEGMENT - 1)) * WORDS + word] ?? 0
  }

  #slotOf(record: number): number {
    return (record >>> SEGMENT_BITS) & this.#slotMask
  }

  /** The segment of a record that is known. */
  #wordsOf(record: number): Int32Array {
    return this.#segments[this.#slotOf(record)] ?? NOTHING
  }

  /** The segment that the next record goes to. */
  #newest(): Int32Array {
    const slot = this.#slotOf(this.#end)
    let words = this.#segments[slot]
    if (words === undefined) {
      words = this.#spare ?? new Int32Array(SEGMENT * WORDS)
      this.#spare = undefined
      this.#segments[slot] = words
    }
    return words
  }

  /** Number of the first of the records that were added together; -1 when that one is already forgotten. */
  #leader(record: number): number {
    const back = (this.#word(record, STATE) >>> BACK_SHIFT) & 0xff
    return record - back >= this.#oldest ? record - back : -1
  }

  #readIdentity(guardKey: string, piece: number): void {
    if (this.#readPiece === piece && this.#readKey === guardKey) return
    this.#readPiece = -1
    const identity = this.#identity
    const from = piece * IDENTITY_DIGITS
    identity[0] = wordOf(guardKey, from)
    identity[1] = wordOf(guardKey, from + DIGITS_PER_WORD)
    identity[2] = wordOf(guardKey, from + 2 * DIGITS_PER_WORD)
    this.#readKey = guardKey
    this.#readPiece = piece
  }
}

const NOTHING = new Int32Array()

/** The smallest power of 2 that is no smaller. */
function powerOf2(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, count)))
}

/** Eight hex digits of a text. */
function wordOf(hex: string, from: number): number {
  let word = 0
  let all = 0
  for (let i = from; i < from + DIGITS_PER_WORD; i++) {
    const digit = hexDigits[hex.charCodeAt(i)] ?? -1
    all |= digit
    word = (word << 4) | digit
  }
  if (all < 0) throw new TypeError('a guard key or content hash is not made of hex digits')
  return word
}
