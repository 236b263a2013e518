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
  let prefix = ''
  const digits = new Uint8Array(RANDOM_CHARS)
  return (nowMs) => {
    const ms = Math.floor(nowMs)
    if (ms > lastMs) {
      lastMs = ms
      prefix = encodeTime(ms)
      for (let i = 0; i < RANDOM_CHARS; i++) digits[i] = Math.floor(random() * 32)
      digits[0] = (digits[0] ?? 0) & 15 // head-room, so that counting up cannot overflow
    } else {
      increment(digits)
    }
    let tail = ''
    for (const digit of digits) tail += ALPHABET[digit]
    return prefix + tail
  }
}

/** The wall-clock milliseconds at which an id was made. */
export function timeOfId(id: string): number {
  let ms = 0
  for (let i = 0; i < TIME_CHARS; i++) ms = ms * 32 + ALPHABET.indexOf(id[i] ?? '0')
  return ms
}

const ID_CHARS = TIME_CHARS + RANDOM_CHARS
const WORD = 2 ** 32
const valueOfChar = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, ALPHABET.indexOf(String.fromCharCode(code))),
)

/** Writes an id as its 128 bits into four 32-bit words; `unpackId` gives it back. */
export function packId(id: string, words: Uint32Array, at: number): void {
  let held = 0
  let bits = -2 // 26 characters carry 130 bits; the first two are always zero
  for (let i = 0; i < ID_CHARS; i++) {
    held = held * 32 + (valueOfChar[id.charCodeAt(i)] ?? 0)
    bits += 5
    if (bits < 32) continue
    bits -= 32
    const word = Math.floor(held / 2 ** bits)
    words[at++] = word
    held -= word * 2 ** bits
  }
}

/** The id that `packId` wrote. */
export function unpackId(words: Uint32Array, at: number): string {
  let id = ''
  let held = 0
  let bits = 2
  for (let i = 0; i < ID_CHARS; i++) {
    if (bits < 5) {
      held = held * WORD + (words[at++] ?? 0)
      bits += 32
    }
    bits -= 5
    const value = Math.floor(held / 2 ** bits)
    held -= value * 2 ** bits
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

function increment(digits: Uint8Array): void {
  for (let i = digits.length - 1; i >= 0; i--) {
    const digit = digits[i] ?? 0
    if (digit < 31) {
      digits[i] = digit + 1
      return
    }
    digits[i] = 0
  }
}
