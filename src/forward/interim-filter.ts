import type { Socket } from 'node:net'

const MOST_HELD_BYTES = 4096
const HEAD_END = '\r\n\r\n'
const INTERIM = Buffer.from('HTTP/1.1 100')
/** Where the status begins in it. */
const STATUS_AT = 9

/**
 * Drops `100 Continue` heads that stand before a reply. Servers send them unasked, every other proxy tolerates
 * them (RFC 9110 §15.2), but undici 8 takes them for a protocol error. It reads its socket through `read`,
 * so that is where they are taken out; replies without one pass untouched.
 */
export class InterimFilter {
  readonly #read: (size?: number) => Buffer | null
  #atHead = false
  #held: Buffer | undefined
  #hasBytes = false

  constructor(socket: Socket) {
    this.#read = socket.read.bind(socket) as (size?: number) => Buffer | null
    socket.read = () => this.#next()
  }

  /** A request is about to be written: what comes next is the head of its reply. */
  expectReply(): void {
    this.#atHead = true
    this.#hasBytes = false
    this.#held = undefined
  }

  /** Did any byte come back since the request was written? */
  get hasBytes(): boolean {
    return this.#hasBytes
  }

  #next(): Buffer | null {
    let chunk = this.#read()
    if (!this.#atHead) return chunk
    while (chunk !== null) {
      this.#hasBytes = true
      const passed = this.#pass(chunk)
      if (passed !== undefined) return passed
      chunk = this.#read()
    }
    return null
  }

  /** The bytes to hand on, or undefined when they were an interim head or may still become one. */
  #pass(chunk: Buffer): Buffer | undefined {
    let bytes = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk])
    this.#held = undefined
    while (mayBeInterim(bytes)) {
      const end = bytes.length < STATUS_AT + 3 ? -1 : bytes.indexOf(HEAD_END)
      if (end === -1 && bytes.length <= MOST_HELD_BYTES) {
        this.#held = bytes
        return undefined
      }
      if (end === -1) break
      bytes = bytes.subarray(end + HEAD_END.length)
      if (bytes.length === 0) return undefined
    }
    this.#atHead = false
    return bytes
  }
}

function mayBeInterim(bytes: Buffer): boolean {
  if (bytes.length > STATUS_AT && bytes[STATUS_AT] !== INTERIM[STATUS_AT]) return false // as good as always
  return INTERIM.subarray(0, bytes.length).equals(bytes.subarray(0, INTERIM.length))
}
