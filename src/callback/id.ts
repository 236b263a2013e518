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
 * @param after the newest id of an earlier process: every id comes after it, wherever the clock stands
 */
export function createIdMaker(random: () => number, after = ''): IdMaker {
  const earliestMs = after === '' ? 0 : timeOfId(after) + 1
  let lastMs = -1
  let time = ''
  /** Everything but the last pair of characters. */
  let stem = ''
  const digits = new Uint8Array(RANDOM_CHARS)
  return (nowMs) => {
    const ms = Math.max(Math.floor(nowMs), earliestMs)
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

const valueOfChar = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, ALPHABET.indexOf(String.fromCharCode(code))),
)

/** The wall-clock milliseconds at which an id was made. */
export function timeOfId(id: string): number {
  const high = (bits(id, 0) << 15) | (bits(id, 1) << 10) | (bits(id, 2) << 5) | bits(id, 3)
  const low = (bits(id, 4) << 15) | (bits(id, 5) << 10) | (bits(id, 6) << 5) | bits(id, 7)
  return high * 2 ** 30 + ((low << 10) | (bits(id, 8) << 5) | bits(id, 9))
}

/** Writes the first 64 of an id's 80 random bits into two words. @returns the other 16; `idOf` puts all together again */
export function packRandom(id: string, words: Int32Array, at: number): number {
  const across = bits(id, 16)
  const first = (bits(id, 10) << 27) | (bits(id, 11) << 22) | (bits(id, 12) << 17) | (bits(id, 13) << 12)
  words[at] = first | (bits(id, 14) << 7) | (bits(id, 15) << 2) | (across >> 3)
  const last = bits(id, 22)
  const second = (across << 29) | (bits(id, 17) << 24) | (bits(id, 18) << 19) | (bits(id, 19) << 14)
  words[at + 1] = second | (bits(id, 20) << 9) | (bits(id, 21) << 4) | (last >> 1)
  return ((last & 1) << 15) | (bits(id, 23) << 10) | (bits(id, 24) << 5) | bits(id, 25)
}

/** Five bits of an id. */
function bits(id: string, place: number): number {
  return valueOfChar[id.charCodeAt(place)] ?? 0
}

/** The id that was made at `ms` and whose random bits `packRandom` wrote. */
export function idOf(ms: number, words: Int32Array, at: number, rest: number): string {
  const first = words[at] ?? 0
  const second = words[at + 1] ?? 0
  let id = encodeTime(ms)
  for (let shift = 27; shift > 0; shift -= 5) id += charOf(first >>> shift)
  id += charOf((first << 3) | (second >>> 29))
  for (let shift = 24; shift > 0; shift -= 5) id += charOf(second >>> shift)
  id += charOf((second << 1) | (rest >>> 15))
  for (let shift = 10; shift >= 0; shift -= 5) id += charOf(rest >>> shift)
  return id
}

function charOf(bits: number): string {
  return ALPHABET[bits & 31] ?? '0'
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
