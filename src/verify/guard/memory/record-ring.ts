import type { Image, ImageReader } from './image.ts'
import { WORDS_PER_RECORD } from './request-record.ts'

/**
 * Records of one piece of memory: 448 KiB. Half of it would be too small for the C library to take it from the system and
 * give it back (bin/tuning.js). Pages that no record was written to yet take no memory.
 */
const SEGMENT = 16_384
const SEGMENT_BITS = 14
const NOTHING = new Int32Array()

/**
 * Memory of records that are numbered upwards and forgotten from the oldest on. Growing moves none of them: the ring is
 * made of segments, which come and go whole.
 */
export class RecordRing {
  readonly #slotMask: number
  readonly #segments: (Int32Array | undefined)[]
  /** By slot: counts what was changed there. */
  readonly #changes: Uint32Array
  #spare: Int32Array | undefined

  /** @param most records that are there at a time */
  constructor(most: number) {
    const slots = 2 ** Math.ceil(Math.log2(most / SEGMENT + 2))
    this.#slotMask = slots - 1
    this.#segments = Array.from({ length: slots })
    this.#changes = new Uint32Array(slots)
  }

  /** The segment of a record that is known. */
  wordsOf(record: number): Int32Array {
    return this.#segments[this.#slotOf(record)] ?? NOTHING
  }

  /** The segment of a record that is known or new, to be changed. */
  wordsFor(record: number): Int32Array {
    const slot = this.#slotOf(record)
    let words = this.#segments[slot]
    if (words === undefined) {
      words = this.#spare ?? new Int32Array(SEGMENT * WORDS_PER_RECORD)
      this.#spare = undefined
      this.#segments[slot] = words
    }
    this.#changes[slot] = (this.#changes[slot] ?? 0) + 1
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

  /** The segments of the records from one on and before another. */
  image(from: number, before: number): Image {
    return segmentsOf(from, before).map((number) => ({
      bytes: this.wordsOf(number * SEGMENT),
      kept: { name: `records ${number}`, version: this.#changes[number & this.#slotMask] ?? 0 },
    }))
  }

  /** Takes up the records from one on and before another; for a ring that is empty. */
  take(from: number, before: number, reader: ImageReader): void {
    for (const number of segmentsOf(from, before)) reader.read(this.wordsFor(number * SEGMENT))
  }

  #slotOf(record: number): number {
    return (record >>> SEGMENT_BITS) & this.#slotMask
  }
}

/** Where the words of a record begin in its segment. */
export function placeOf(record: number): number {
  return (record & (SEGMENT - 1)) * WORDS_PER_RECORD
}

/** Numbers of the segments of the records from one on and before another. */
function segmentsOf(from: number, before: number): readonly number[] {
  if (from === before) return []
  const first = Math.floor(from / SEGMENT)
  return Array.from({ length: Math.floor((before - 1) / SEGMENT) - first + 1 }, (_, i) => first + i)
}
