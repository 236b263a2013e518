const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ' // Crockford base 32, in ASCII order
const TIME_CHARS = 10
const RANDOM_CHARS = 16

/** Makes ids in the form of ULIDs (https://github.com/ulid/spec): 26 characters whose text order is their order of creation. */
export interface IdMaker {
  (nowMs: number): string
}

/**
 * An id maker. Within one millisecond (or when the clock steps back) the random part is counted up,
 * so ids of one process are strictly increasing.
 *
 * @param random gives numbers in [0, 1)
 */
export function createIdMaker(random: () => number): IdMaker {
  let lastMs = -1
  let time = ''
  /** Everything but the last pair of characters. */
  let stem = ''
  const digits = new Uint8Array(RANDOM_CHARS)
  return (nowMs) => {
    const ms = Math.floor(nowMs)
    if (ms > lastMs) {
      lastMs = ms
      time = encodeTime(ms)
      for (let i = 0; i < RANDOM_CHARS; i++) digits[i] = Math.floor(random() * 32)
      digits[0] = (digits[0] ?? 0) & 15 // head-room, so that counting up cannot overflow
      stem = ''
    } else if (increment(digits) < RANDOM_CHARS - 2) {
      stem = ''
    }
    if (stem === '') stem = time + charsOf(digits.subarray(0, -2))
    return stem + (pairs[(digits.at(-2) ?? 0) * 32 + (digits.at(-1) ?? 0)] ?? '')
  }
}

/** Every two characters, so that an id is made of two texts and not of 16. */
const pairs = Array.from(ALPHABET).flatMap((first) => Array.from(ALPHABET, (second) => first + second))

function charsOf(digits: Uint8Array): string {
  let text = ''
  for (const digit of digits) text += ALPHABET[digit]
  return text
}

/** The wall-clock milliseconds at which an id was made. */
export function timeOfId(id: string): number {
  let ms = 0
  for (let i = 0; i < TIME_CHARS; i++) ms = ms * 32 + ALPHABET.indexOf(id[i] ?? '0')
  return ms
}

const ID_CHARS = TIME_CHARS + RANDOM_CHARS
const WORD_BITS = 32
const CHAR_BITS = 5
const valueOfChar = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, ALPHABET.indexOf(String.fromCharCode(code))),
)

/** Writes an id as its 128 bits into four words; `unpackId` gives it back. */
export function packId(id: string, words: Int32Array, at: number): void {
  let word = 0
  let room = WORD_BITS + 2 // 26 characters carry 130 bits; the first two are always zero
  for (let i = 0; i < ID_CHARS; i++) {
    const value = valueOfChar[id.charCodeAt(i)] ?? 0
    room -= CHAR_BITS
    if (room > 0) {
      word = (word << CHAR_BITS) | value
      continue
    }
    words[at++] = (word << (CHAR_BITS + room)) | (value >> -room)
    word = value & ((1 << -room) - 1)
    room += WORD_BITS
  }
}

/** The id that `packId` wrote. */
export function unpackId(words: Int32Array, at: number): string {
  let id = ''
  let word = 0
  let bits = 2
  for (let i = 0; i < ID_CHARS; i++) {
    let value = word >>> (WORD_BITS - CHAR_BITS)
    if (bits < CHAR_BITS) {
      const next = words[at++] ?? 0
      value |= next >>> (WORD_BITS - CHAR_BITS + bits)
      word = next << (CHAR_BITS - bits)
      bits += WORD_BITS
    } else {
      word <<= CHAR_BITS
    }
    bits -= CHAR_BITS
    id += ALPHABET[value] ?? '0'
  }
  return id
}

/** The smallest id that can have been made at or after a moment: for range queries over time. */
export function firstIdAt(ms: number): string {
  return encodeTime(Math.max(0, ms)) + '0'.repeat(RANDOM_CHARS)
}

function encodeTime(ms: number): string {
  let text = ''
  let rest = Math.floor(ms)
  for (let i = 0; i < TIME_CHARS; i++) {
    text = (ALPHABET[rest % 32] ?? '0') + text
    rest = Math.floor(rest / 32)
  }
  return text
}

/** Counts up by one. @returns the first place that changed */
function increment(digits: Uint8Array): number {
  let place = digits.length - 1
  for (; place >= 0 && digits[place] === 31; place--) digits[place] = 0
  digits[place] = (digits[place] ?? 0) + 1
  return place
}
