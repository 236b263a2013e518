import { GatheredBytes } from '../../callback/gathered-bytes.ts'
import type { ReplyFault } from './reply-fault.ts'

// RFC 9112 §7.1: chunk-size [ chunk-ext ] CRLF chunk-data CRLF … 0 CRLF trailer-section CRLF. Line ends are CRLF only.
const EXTENSION =
  /;[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"[\t \x21\x23-\x5b\x5d-\x7e]*"))?/
const SIZE_LINE = new RegExp(`^([0-9a-fA-F]{1,8})(?:${EXTENSION.source})*\\r\\n$`)
const TRAILER_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n$/
/** A trailer that would frame the reply anew (RFC 9110 §6.5.1). */
const FRAMING = /^(?:content-length|transfer-encoding|connection):/i
const END = '\r\n'
const LF = 0x0a
/** Most characters of a size line with its extensions, and of all trailers together. */
const MOST_LINE_CHARS = 1024
const MOST_TRAILER_CHARS = 8192

type State = 'size' | 'data' | 'data_end' | 'trailer' | 'done'

/** Takes a chunked body apart, however its bytes are cut. Extensions and trailers are read and dropped. */
export class ChunkReader {
  readonly #maxBytes: number
  readonly #data = new GatheredBytes()
  #bytes = 0
  #state: State = 'size'
  #line = ''
  #left = 0
  #trailerChars = 0

  /** @param maxBytes largest body, without its framing */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get isDone(): boolean {
    return this.#state === 'done'
  }

  /** The whole body. */
  body(): Buffer {
    return this.#data.all()
  }

  /** @returns how many of the bytes belong to this body, or why it is refused */
  take(bytes: Buffer): number | ReplyFault {
    let at = 0
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'data') {
        at += this.#takeData(bytes, at)
        if (this.#data.isCrumbled) return crumbled
        continue
      }
      const end = bytes.indexOf(LF, at)
      const next = end === -1 ? bytes.length : end + 1
      this.#line += bytes.toString('latin1', at, next)
      at = next
      if (this.#line.length > MOST_LINE_CHARS) return malformed
      if (end === -1) continue
      const fault = this.#takeLine(this.#line)
      if (fault !== undefined) return fault
      this.#line = ''
    }
    return at
  }

  #takeData(bytes: Buffer, at: number): number {
    const taken = Math.min(this.#left, bytes.length - at)
    this.#data.add(bytes.subarray(at, at + taken))
    this.#left -= taken
    if (this.#left === 0) this.#state = 'data_end'
    return taken
  }

  #takeLine(line: string): ReplyFault | undefined {
    switch (this.#state) {
      case 'size':
        return this.#takeSize(SIZE_LINE.exec(line)?.[1])
      case 'data_end':
        this.#state = 'size'
        return line === END ? undefined : malformed
      case 'trailer':
        this.#trailerChars += line.length
        if (line === END) this.#state = 'done'
        else if (!isTrailer(line) || this.#trailerChars > MOST_TRAILER_CHARS) return malformed
        return undefined
      case 'data':
      case 'done':
        return undefined
    }
  }

  #takeSize(digits: string | undefined): ReplyFault | undefined {
    if (digits === undefined) return malformed
    this.#left = Number.parseInt(digits, 16)
    this.#bytes += this.#left
    if (this.#bytes > this.#maxBytes) return { outcome: 'too_large', what: 'the reply' }
    this.#state = this.#left === 0 ? 'trailer' : 'data'
    return undefined
  }
}

function isTrailer(line: string): boolean {
  return TRAILER_LINE.test(line) && !FRAMING.test(line)
}

const malformed: ReplyFault = { outcome: 'protocol', what: 'malformed chunks' }
const crumbled: ReplyFault = { outcome: 'protocol', what: 'too many tiny chunks' }
