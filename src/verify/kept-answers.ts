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
      const room = SEGMENT_BYTES - at
      const bodyBytes = room < HEAD_BYTES ? 0 : segment.readUInt32LE(at + BODY_BYTES)
      if (bodyBytes > 0) {
        const record = segment.readDoubleLE(at)
        const isCurrent = this.#places.get(record) === place
        if (isCurrent && !isToGo(record)) return
        if (isCurrent) this.#places.delete(record)
        this.#first += HEAD_BYTES + segment.readUInt16LE(at + TYPE_BYTES) + bodyBytes
      } else {
        this.#first += room
      }
      if (this.#first % SEGMENT_BYTES === 0) this.#segments.delete(numberOf(place))
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

function numberOf(place: number): number {
  return Math.floor(place / SEGMENT_BYTES)
}
