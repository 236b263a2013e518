import { type Image, type ImageReader, must, numbersFrom, numbersPiece } from './image.ts'

/** What the provider was told, as far as it is needed to tell it again. */
export interface KeptAnswer {
  readonly status: number
  /** Empty where there is no body. */
  readonly contentType: string
  /** Undefined where only the status mattered, or where the body was too large to keep. */
  readonly body: Uint8Array | undefined
}

/** Larger bodies are not kept: a repeat is then answered with the status alone. */
const MAX_BODY_BYTES = 64 * 1024
const MAX_TYPE_BYTES = 255
/** Memory comes in pieces of so many bytes, see request-table.ts; no answer lies across two. */
const SEGMENT_BYTES = 256 * 1024
/**
 * In front of an answer: its record, the length of its body, the length of its content type, its status. Where the
 * length is 0 the rest of the segment is empty.
 */
const HEAD_BYTES = 16
const BODY_BYTES = 8
const TYPE_BYTES = 12
const STATUS = 14
/** What a map takes for an entry and the number in it. */
const ENTRY_BYTES = 64

/**
 * Answers that have a body, oldest out first when they are too large together. They lie one behind the other as bytes,
 * because objects for each would take more memory than most answers.
 */
export class KeptAnswers {
  readonly #maxBytes: number
  /** Where the answer of a record begins, counted from the first byte that was ever kept. */
  readonly #places = new Map<number, number>()
  /** By number: what was kept from this many times `SEGMENT_BYTES` on. */
  readonly #segments = new Map<number, Buffer>()
  #first = 0
  #end = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /**
   * Answers that were kept when an image was made.
   * @throws RangeError when that cannot be the image of so many bytes of answers
   */
  static fromImage(maxBytes: number, reader: ImageReader): KeptAnswers {
    const [first = 0, end = 0] = numbersFrom(reader, 2)
    must(first >= 0 && Number.isSafeInteger(first) && Number.isSafeInteger(end), 'answers that are nowhere')
    must(end >= first && end - first <= maxBytes, 'more answers than have room')
    const kept = new KeptAnswers(maxBytes)
    kept.#first = first
    kept.#end = end
    for (const number of kept.#numbers()) reader.read(kept.#segmentOf(number * SEGMENT_BYTES))
    kept.#findPlaces()
    return kept
  }

  image(): Image {
    const segments = this.#numbers().map((number) => {
      // Nothing is written over, so a segment is another one only when there is more in it.
      const version = Math.min(SEGMENT_BYTES, this.#end - number * SEGMENT_BYTES)
      return { bytes: this.#segmentOf(number * SEGMENT_BYTES), kept: { name: `answers ${number}`, version } }
    })
    return [numbersPiece([this.#first, this.#end]), ...segments]
  }

  get(record: number): KeptAnswer | undefined {
    const place = this.#places.get(record)
    if (place === undefined) return undefined
    const segment = this.#segmentOf(place)
    const at = place % SEGMENT_BYTES
    const typeAt = at + HEAD_BYTES
    const bodyAt = typeAt + segment.readUInt16LE(at + TYPE_BYTES)
    return {
      status: segment.readUInt16LE(at + STATUS),
      contentType: segment.toString('latin1', typeAt, bodyAt),
      // What was written is never written over, so this may be a view of it.
      body: new Uint8Array(
        segment.buffer,
        segment.byteOffset + bodyAt,
        segment.readUInt32LE(at + BODY_BYTES),
      ),
    }
  }

  /** Keeps a copy: the bytes may be a view of a larger buffer. */
  set(record: number, { status, contentType, body }: KeptAnswer): void {
    if (body === undefined || body.byteLength === 0 || body.byteLength > MAX_BODY_BYTES) return
    const bytes = HEAD_BYTES + contentType.length + body.byteLength
    if (contentType.length > MAX_TYPE_BYTES || bytes + ENTRY_BYTES > this.#maxBytes) return
    const room = SEGMENT_BYTES - (this.#end % SEGMENT_BYTES)
    const place = room < bytes ? this.#end + room : this.#end
    this.#end = place + bytes
    const segment = this.#segmentOf(place)
    const at = place % SEGMENT_BYTES
    segment.writeDoubleLE(record, at)
    segment.writeUInt32LE(body.byteLength, at + BODY_BYTES)
    segment.writeUInt16LE(contentType.length, at + TYPE_BYTES)
    segment.writeUInt16LE(status, at + STATUS)
    segment.write(contentType, at + HEAD_BYTES, 'latin1')
    segment.set(body, at + HEAD_BYTES + contentType.length)
    this.#places.set(record, place)
    this.#forgetWhile(() => this.#end - this.#first + this.#places.size * ENTRY_BYTES > this.#maxBytes)
  }

  /** Forgets the answers of records that are forgotten. */
  forgetBefore(oldest: number): void {
    this.#forgetWhile((record) => record < oldest)
  }

  /** From the oldest answer on; one that was replaced goes in any case. */
  #forgetWhile(isToGo: (record: number) => boolean): void {
    while (this.#first < this.#end) {
      const place = this.#first
      const segment = this.#segmentOf(place)
      const at = place % SEGMENT_BYTES
      const bytes = bytesAt(segment, at)
      if (bytes > 0) {
        const record = segment.readDoubleLE(at)
        const isCurrent = this.#places.get(record) === place
        if (isCurrent && !isToGo(record)) return
        if (isCurrent) this.#places.delete(record)
        this.#first += bytes
      } else {
        this.#first += SEGMENT_BYTES - at
      }
      if (this.#first % SEGMENT_BYTES === 0) this.#segments.delete(numberOf(place))
    }
  }

  /** Of the segments between the first and the last byte. */
  #numbers(): readonly number[] {
    if (this.#first === this.#end) return []
    const first = numberOf(this.#first)
    return Array.from({ length: numberOf(this.#end - 1) - first + 1 }, (_, i) => first + i)
  }

  /** Of a record whose answer was replaced the later one counts. */
  #findPlaces(): void {
    for (let place = this.#first; place < this.#end;) {
      const segment = this.#segmentOf(place)
      const at = place % SEGMENT_BYTES
      const bytes = bytesAt(segment, at)
      must(at + bytes <= SEGMENT_BYTES && place + bytes <= this.#end, 'an answer without an end')
      if (bytes > 0) this.#places.set(segment.readDoubleLE(at), place)
      place += bytes > 0 ? bytes : SEGMENT_BYTES - at
    }
  }

  #segmentOf(place: number): Buffer {
    const number = numberOf(place)
    let segment = this.#segments.get(number)
    if (segment === undefined) {
      segment = Buffer.alloc(SEGMENT_BYTES)
      this.#segments.set(number, segment)
    }
    return segment
  }
}

/** Of the answer that begins there; 0 where the rest of the segment is empty. */
function bytesAt(segment: Buffer, at: number): number {
  const bodyBytes = SEGMENT_BYTES - at < HEAD_BYTES ? 0 : segment.readUInt32LE(at + BODY_BYTES)
  return bodyBytes === 0 ? 0 : HEAD_BYTES + segment.readUInt16LE(at + TYPE_BYTES) + bodyBytes
}

function numberOf(place: number): number {
  return Math.floor(place / SEGMENT_BYTES)
}
