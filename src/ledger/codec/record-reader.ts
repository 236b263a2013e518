import { HEAD } from './batch-writer.ts'

/** Bytes of a first text that its key is made of: of an id those that differ most. */
const KEY_BYTES = 8

/** Reads records in the form that batch-writer.ts describes; each value in the order it was written. */
export class RecordReader {
  readonly #bytes: Buffer
  readonly #view: DataView
  readonly #end: number
  #start = 0
  #next = 0
  #numberAt = 0
  #lengthAt = 0
  #textsLeft = 0
  /** All texts as one piece; undefined as long as nobody read one. */
  #text: string | undefined
  #textAt = 0
  #pieceAt = 0
  #blobAt = 0

  constructor(bytes: Uint8Array, used: number = bytes.byteLength) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, used)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, used)
    this.#end = used
  }

  /** Moves to the next record. @returns its type, or undefined at the end. @throws RangeError when bytes are missing */
  next(): number | undefined {
    if (this.#next >= this.#end) return undefined
    const at = this.#next
    this.#start = at
    this.#next = at + this.#view.getUint32(at, true)
    this.#numberAt = at + HEAD
    this.#lengthAt = this.#numberAt + this.#view.getUint8(at + 5) * 8
    this.#textsLeft = this.#view.getUint16(at + 6, true)
    const textsEnd = this.#lengthAt + this.#textsLeft * 4
    this.#pieceAt = textsEnd + 8
    this.#blobAt = this.#pieceAt + this.#view.getUint32(textsEnd, true)
    if (this.#next > this.#end || this.#next !== this.#blobAt + this.#view.getUint32(textsEnd + 4, true)) {
      throw new RangeError('a ledger record is cut off or damaged')
    }
    this.#text = undefined
    this.#textAt = 0
    return this.#view.getUint8(at + 4)
  }

  /** Moves to a record that was read before. @param start the first of its `bounds` @returns its type */
  moveTo(start: number): number {
    this.#next = start
    const type = this.next()
    if (type === undefined) throw new RangeError('there is no ledger record')
    return type
  }

  number(): number {
    const value = this.#view.getFloat64(this.#numberAt, true)
    this.#numberAt += 8
    return value
  }

  text(): string {
    const length = this.#view.getUint32(this.#lengthAt, true)
    this.#lengthAt += 4
    this.#textsLeft--
    this.#text ??= this.#bytes.toString('utf8', this.#pieceAt, this.#blobAt)
    const value = this.#text.slice(this.#textAt, this.#textAt + length)
    this.#textAt += length
    return value
  }

  /** A number that only records with alike ends of their first texts have in common; to be asked before any text is read. */
  textKey(): number {
    const end = this.#pieceAt + this.#view.getUint32(this.#lengthAt, true)
    if (end - this.#pieceAt < KEY_BYTES) return 0
    return Math.imul(this.#view.getInt32(end - 8, true), 31) ^ this.#view.getInt32(end - 4, true)
  }

  /** The first text of this record, which has to be ASCII, without the cost of the others. */
  firstText(): string {
    const length = this.#view.getUint32(this.#lengthAt, true)
    return this.#bytes.toString('latin1', this.#pieceAt, this.#pieceAt + length)
  }

  /** Every text that is left of this record. */
  texts(): string[] {
    const values: string[] = []
    while (this.#textsLeft > 0) values.push(this.text())
    return values
  }

  /** The blob, in the memory of the batch. */
  blob(): Buffer {
    return this.#bytes.subarray(this.#blobAt, this.#next)
  }

  /** Where this record begins and ends. */
  get bounds(): readonly [number, number] {
    return [this.#start, this.#next]
  }

  /** The whole record, in the memory of the batch. */
  record(): Buffer {
    return this.#bytes.subarray(this.#start, this.#next)
  }
}
