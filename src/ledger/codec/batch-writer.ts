/*
 * Form of one record, little-endian:
 *   u32 length of the record, these four bytes included
 *   u8 type, u8 count of numbers, u16 count of texts
 *   f64 × numbers
 *   u32 × texts: length of each text in UTF-16 units
 *   u32 bytes of all texts, u32 bytes of the blob
 *   all texts as one piece of UTF-8, the blob
 * One piece of text a record: a single call into the runtime writes it, whatever the number of fields.
 */

/** Bytes before the first number. */
export const HEAD = 8
const FIRST_SIZE = 64 * 1024

/**
 * Encodes records into memory that other threads can read. Nothing handed in is kept. One record is
 * `start`, as many `number` and `text` as announced there, `end`.
 */
export class BatchWriter {
  #shared: SharedArrayBuffer
  #bytes: Buffer
  #view: DataView
  /** Start of the record under way. */
  #record = 0
  #numberAt = 0
  #lengthAt = 0
  #text = ''
  #used = 0
  #rows = 0

  constructor(size: number = FIRST_SIZE) {
    this.#shared = new SharedArrayBuffer(size)
    this.#bytes = Buffer.from(this.#shared)
    this.#view = new DataView(this.#shared)
  }

  get memory(): SharedArrayBuffer {
    return this.#shared
  }

  /** Bytes of complete records. */
  get used(): number {
    return this.#used
  }

  /** Complete records. */
  get rows(): number {
    return this.#rows
  }

  /** Forgets every record; the memory is used again. */
  clear(): void {
    this.#used = 0
    this.#rows = 0
  }

  start(type: number, numbers: number, texts: number): void {
    const at = this.#used
    this.#need(at + HEAD + numbers * 8 + texts * 4 + 8)
    this.#record = at
    this.#view.setUint8(at + 4, type)
    this.#view.setUint8(at + 5, numbers)
    this.#view.setUint16(at + 6, texts, true)
    this.#numberAt = at + HEAD
    this.#lengthAt = this.#numberAt + numbers * 8
    this.#text = ''
  }

  number(value: number): void {
    this.#view.setFloat64(this.#numberAt, value, true)
    this.#numberAt += 8
  }

  text(value: string): void {
    this.#view.setUint32(this.#lengthAt, value.length, true)
    this.#lengthAt += 4
    this.#text += value
  }

  end(blob: Uint8Array): void {
    const at = this.#lengthAt
    const textAt = at + 8
    this.#need(textAt + this.#text.length * 3 + blob.length)
    const written = this.#bytes.write(this.#text, textAt)
    this.#view.setUint32(at, written, true)
    this.#view.setUint32(at + 4, blob.length, true)
    this.#bytes.set(blob, textAt + written)
    this.#used = textAt + written + blob.length
    this.#view.setUint32(this.#record, this.#used - this.#record, true)
    this.#rows++
    this.#text = ''
  }

  #need(size: number): void {
    if (size <= this.#shared.byteLength) return
    const larger = new SharedArrayBuffer(Math.max(size, this.#shared.byteLength * 2))
    const bytes = Buffer.from(larger)
    bytes.set(this.#bytes)
    this.#shared = larger
    this.#bytes = bytes
    this.#view = new DataView(larger)
  }
}
