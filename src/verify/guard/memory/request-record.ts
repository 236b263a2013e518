import { wordOf } from '../../hex-digits.ts'

/** What became of a remembered request: nothing yet, it is to be tried again, or its answer stands. */
export type RequestState = 'pending' | 'failed' | 'answered'

// A record is 8 words of 32 bits. Of the 128 bits of an identity two words are kept and 20 choose the bucket (in a table
// of a million), which are made of others: a request is taken for another one once in 2^64, at a thousand a second once in
// 600 million years. All of it comes from hashes and MACs; where somebody may choose what is hashed it is his own request
// that is mixed up. Of the content 64 bits are kept, because one with a nonce may be tried again with an equal one.
// Which bucket a record is in cannot be told from those: the word it was made of stands beside (record-ring.ts), for a
// table that is made of another one's image. What a search looks at comes first: memory that the system gives out begins at a multiple of 16 bytes, so those 16 are
// always in one line of it.
export const IDENTITY = 0
/** How many records before this one the next of its bucket stands (20 bits, 0 for none), and when the id was made. */
export const LINK = 2
export const LINK_SHIFT = 12
export const ID_TIME_MASK = 0xfff
/** The last 16 bits of the id, and below them what `STATE_MASK` and the others say. */
export const FATE = 3
export const CONTENT = 4
export const ID = 6

// FATE holds, from the lowest bit: the state (2 bits), whether the request goes stale by itself, how far back the first
// of the records stands that were added together (3 bits; that one keeps the state of all), the status of the answer.
export const STATE_MASK = 3
export const TIMED = 4
export const BACK_SHIFT = 3
export const BACK_MASK = 7
export const STATUS_SHIFT = 6
export const STATUS_MASK = 0x3ff
export const ID_REST_SHIFT = 16
export const states: readonly RequestState[] = ['pending', 'failed', 'answered']
/** State and distance of the first of some records that nothing became of. */
export const PENDING_LEADER = 0

export const DIGITS_PER_WORD = 8
const CONTENT_DIGITS = 64

/** Of the last 64 bits: identities of events are made of the first ones. */
export function contentWord(contentHash: string, word: number): number {
  return wordOf(contentHash, CONTENT_DIGITS + (word - 2) * DIGITS_PER_WORD)
}
