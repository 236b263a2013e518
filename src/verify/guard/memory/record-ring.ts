import type { Image, ImageReader } from './image.ts'

/** 32 bits each. */
export const WORDS_PER_RECORD = 8
/** Records of one piece of memory: 256 KiB, which the C library takes from the system and gives back (bin/tuning.js). */
const SEGMENT = 8192
const SEGMENT_BITS = 13
const NOTHING = new Int32Array()

/**
 * Memory of records that are numbered upwards and forgotten from the oldest on. Growing moves none of them: the ring is
 * made of segments, which come and go whole.
 */
export class RecordRing {
  readonly #slotMask: number
  readonly #segments: (Int32Array | undefined)[]
  #spare: Int32Array | undefined

  /** @param most records that are there at a time */
  constructor(most: number) {
    const slots = 2 ** Math.ceil(Math.log2(most / SEGMENT + 2))
    this.#slotMask = slots - 1
    this.#segments = Array.from({ length: slots })
  }

  /** The segment of a record that is known. */
  wordsOf(record: number): Int32Array {
    return this.#segments[this.#slotOf(record)] ?? NOTHING
  }

  /** The segment that a new record goes to. */
  wordsFor(record: number): Int32Array {
    const slot = this.#slotOf(record)
    let words = this.#segments[slot]
    if (words === undefined) {
      words = this.#spare ?? new Int32Array(SEGMENT * WORDS_PER_RECORD)
      this.#spare = undefined
      this.#segments[slot] = words
    }
    return words
  }

  /** Forgets the records from one on and before another. */
  forget(from: number, before: number): void {
    const until = this.#slotOf(before)
    for (let slot = this.#slotOf(from); slot !== until; slot = (slot + 1) & this.#slotMask) {
      this.#spare = this.#segments[slot]
      this.#segments[slot] = undefined
    }
  }

  /** The words of the records from one on and before another. */
  image(from: number, before: number): Image {
    return stretches(from, before).map(({ first, words }) =>
      this.wordsOf(first).subarray(placeOf(first), placeOf(first) + words),
    )
  }

  /** Takes up the records from one on and before another; for a ring that is empty. */
  take(from: number, before: number, reader: ImageReader): void {
    for (const { first, words } of stretches(from, before)) {
      reader.read(this.wordsFor(first).subarray(placeOf(first), placeOf(first) + words))
    }
  }

  #slotOf(record: number): number {
    return (record >>> SEGMENT_BITS) & this.#slotMask
  }
}

/** Where the words of a record begin in its segment. */
export function placeOf(record: number): number {
  return (record & (SEGMENT - 1)) * WORDS_PER_RECORD
}

/** Records that lie side by side in one segment. */
interface Stretch {
  readonly first: number
  readonly words: number
}

function stretches(from: number, before: number): readonly Stretch[] {
  const found: Stretch[] = []
  for (let first = from; first < before;) {
    const count = Math.min(before - first, SEGMENT - (first & (SEGMENT - 1)))
    found.push({ first, words: count * WORDS_PER_RECORD })
    first += count
  }
  return found
}
