import { GatheredBytes } from '../../callback/gathered-bytes.ts'
import { ChunkReader } from './chunk-reader.ts'
import { LastHead } from './last-head.ts'
import type { ReplyFault } from './reply-fault.ts'
import { CHUNKED, type ReplyHead, readReplyHead, UNTIL_CLOSE } from './reply-head.ts'

export interface ReplyReaderOptions {
  readonly maxBodyBytes: number
  /** Shared by the readers of one origin. */
  readonly lastHead?: LastHead
}

const MOST_HEAD_BYTES = 16 * 1024
const MOST_HEADERS = 150
const BEGIN = Buffer.from('HTTP/1.')
const HEAD_END = Buffer.from('\r\n\r\n')
const CR = 0x0d
const LF = 0x0a
const NOTHING = Buffer.alloc(0)

/**
 * Reads one reply from bytes as they come, however they are cut. The bytes handed in are only borrowed: what is kept of
 * them is copied. Interim replies (RFC 9110 §15.2) are dropped.
 */
export class ReplyReader {
  readonly #maxBodyBytes: number
  readonly #lastHead: LastHead
  #head: ReplyHead | undefined
  #hasBytes = false
  #hasExcess = false
  /** A head that has not come whole. */
  #held: Buffer | undefined
  #body: Buffer = NOTHING
  #bodyBytes = 0
  #chunks: ChunkReader | undefined
  #untilClose: GatheredBytes | undefined

  constructor({ maxBodyBytes, lastHead = new LastHead() }: ReplyReaderOptions) {
    this.#maxBodyBytes = maxBodyBytes
    this.#lastHead = lastHead
  }

  /** Begins with a new reply. */
  start(): void {
    this.#head = undefined
    this.#hasBytes = false
    this.#hasExcess = false
    this.#held = undefined
    this.#body = NOTHING
    this.#bodyBytes = 0
    this.#chunks = undefined
    this.#untilClose = undefined
  }

  /** Did any byte of the reply come? */
  get hasBytes(): boolean {
    return this.#hasBytes
  }

  /** The head of the final reply, once it came. */
  get head(): ReplyHead | undefined {
    return this.#head
  }

  get body(): Buffer {
    return this.#body
  }

  /** Bytes followed that belong to no request of ours. */
  get hasExcess(): boolean {
    return this.#hasExcess
  }

  /** @returns true when the reply is complete, false when bytes are missing, or why it is refused */
  take(bytes: Buffer): boolean | ReplyFault {
    this.#hasBytes = true
    let rest = bytes
    while (this.#head === undefined) {
      const next = this.#takeHead(rest)
      if (!(next instanceof Uint8Array)) return next
      rest = next
    }
    return this.#takeBody(rest, this.#head)
  }

  /** The other side sent its last byte. @returns true when that completes the reply */
  finish(): boolean {
    if (this.#head?.length !== UNTIL_CLOSE) return false
    this.#body = this.#untilClose?.all() ?? NOTHING
    return true
  }

  /** @returns the bytes after a head, or false when it is not whole yet */
  #takeHead(bytes: Buffer): Buffer | false | ReplyFault {
    const all = this.#held === undefined ? bytes : Buffer.concat([this.#held, bytes])
    if (all.length === 0) return false
    const known = this.#lastHead.at(all)
    if (known !== undefined) {
      this.#held = undefined
      this.#head = known
      return all.subarray(this.#lastHead.length)
    }
    if (
      BEGIN.compare(all, 0, Math.min(BEGIN.length, all.length), 0, Math.min(BEGIN.length, all.length)) !== 0
    ) {
      return protocol('it does not begin like one')
    }
    const end = all.indexOf(HEAD_END)
    if (end > MOST_HEAD_BYTES || (end === -1 && all.length > MOST_HEAD_BYTES)) return headTooLarge
    if (end === -1) {
      if (hasBareLineFeed(all)) return protocol('a line that does not end with CRLF')
      this.#held = Buffer.from(all)
      return false
    }
    this.#held = undefined
    const head = readReplyHead(all.toString('latin1', 0, end))
    if (typeof head === 'string') return protocol(head)
    if (head.status === 101) return protocol('it switches protocols without being asked')
    if (head.headers.length > 2 * MOST_HEADERS)
      return { outcome: 'too_large', what: 'the number of headers of the reply' }
    const bodyAt = end + HEAD_END.length
    if (head.status >= 200) {
      this.#head = head
      this.#lastHead.remember(all.subarray(0, bodyAt), head)
    }
    return all.subarray(bodyAt)
  }

  #takeBody(bytes: Buffer, { length }: ReplyHead): boolean | ReplyFault {
    if (length === CHUNKED) return this.#takeChunks(bytes)
    this.#bodyBytes += bytes.length
    if (length === UNTIL_CLOSE) {
      if (this.#bodyBytes > this.#maxBodyBytes) return bodyTooLarge
      this.#untilClose ??= new GatheredBytes()
      this.#untilClose.add(bytes)
      return false
    }
    if (length > this.#maxBodyBytes) return bodyTooLarge
    const missing = length - (this.#bodyBytes - bytes.length)
    if (missing > 0) this.#append(bytes, length, missing)
    if (this.#bodyBytes < length) return false
    this.#hasExcess = this.#bodyBytes > length
    return true
  }

  #append(bytes: Buffer, length: number, missing: number): void {
    if (this.#body.length === 0) this.#body = Buffer.allocUnsafe(length)
    this.#body.set(bytes.length > missing ? bytes.subarray(0, missing) : bytes, length - missing)
  }

  #takeChunks(bytes: Buffer): boolean | ReplyFault {
    this.#chunks ??= new ChunkReader(this.#maxBodyBytes)
    const taken = this.#chunks.take(bytes)
    if (typeof taken !== 'number') return taken
    if (!this.#chunks.isDone) return false
    this.#hasExcess = taken < bytes.length
    this.#body = this.#chunks.body()
    return true
  }
}

function hasBareLineFeed(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at - 1] !== CR) return true
  }
  return false
}

function protocol(what: string): ReplyFault {
  return { outcome: 'protocol', what }
}

const headTooLarge: ReplyFault = { outcome: 'too_large', what: 'the head of the reply' }
const bodyTooLarge: ReplyFault = { outcome: 'too_large', what: 'the reply' }
