/** What became of a remembered request: nothing yet, it is to be tried again, or its answer stands. */
export type RequestState = 'pending' | 'failed' | 'answered'

// A record is 7 words of 32 bits. Of an identity two are kept, 64 bits of which the bucket says some 20 as well: a search
// among a million takes a request for another one once in 2^44, which is, at a thousand searches a second, once in 550
// years. It is refused then, unless the content has the same mark, too, or it was an event that was mixed up, which may come
// with new content: that one is taken for a repeat. All of it comes from hashes and MACs: where somebody may choose what is
// hashed it is his own request that is mixed up.
// Of the content there is a mark of 32 bits that nobody can aim at (content-marks.ts), because whoever captured a request
// that is signed without its content might look for another that passes for the same. He has to try it here, where each try
// but one in 2^32 is refused and counted: 50 days of a thousand a second, against a request that is remembered for minutes.
// What he gains is that it is delivered, where the first one failed.
// What a search looks at comes first: for seven records of eight it is in one line of memory.
/** Two words: the first three quarters of it, folded, and the last, which chooses the bucket. */
export const IDENTITY = 0
export const BUCKET_WORD = 1
/** How many records before this one the next of its bucket stands (20 bits, 0 for none), and when the id was made. */
export const LINK = 2
export const LINK_SHIFT = 12
export const ID_TIME_MASK = 0xfff
/** The last 16 bits of the id, and below them what `STATE_MASK` and the others say. */
export const FATE = 3
export const CONTENT = 4
/** Two words. */
export const ID = 5
export const WORDS_PER_RECORD = 7

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
