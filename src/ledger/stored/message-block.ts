import { constants, zstdCompressSync } from 'node:zlib'

import type { HeaderText } from '../../callback/header-text.ts'
import { redactBytes, redactHeaders } from '../redact.ts'
import { FORM, HEAD, messageFlag, type StoredBlock } from './block-form.ts'

export interface MessagePolicy {
  readonly bodies: 'full' | 'redacted' | 'none'
  /** Most bytes of one body that are kept. */
  readonly bodyLimit: number
}

/** Below this size compression costs more than it saves. */
const PACK_FROM_BYTES = 2048
const FIRST_SIZE = 64 * 1024
const NO_BYTES = new Uint8Array()

/** Gathers the requests and replies of one batch for a block: what is kept of them for display, as bytes. */
export class MessageBlock {
  readonly #policy: MessagePolicy
  #bytes = Buffer.allocUnsafeSlow(FIRST_SIZE)
  #used = FORM.length
  #count = 0

  constructor(policy: MessagePolicy) {
    this.#policy = policy
    this.#bytes.set(FORM)
  }

  /** Messages so far: the slot of the next one. */
  get count(): number {
    return this.#count
  }

  /** @param wholeBytes length of the whole body, of which `body` may be the beginning */
  add(headers: HeaderText, body: Uint8Array, wholeBytes: number): void {
    const { bodies, bodyLimit } = this.#policy
    const shown = bodies === 'none' ? NO_BYTES : body.length > bodyLimit ? body.subarray(0, bodyLimit) : body
    const start = this.#used
    const headersEnd = this.#addText(start + HEAD, redactHeaders(headers))
    this.#used =
      bodies === 'redacted' ? this.#addRedacted(headersEnd, shown) : this.#addBytes(headersEnd, shown)
    this.#bytes.writeUInt32LE(this.#used - start, start)
    this.#bytes.writeUInt32LE(wholeBytes, start + 4)
    this.#bytes.writeUInt32LE(headersEnd - start, start + 8)
    this.#bytes[start + 12] =
      (bodies === 'none' ? 0 : messageFlag.hasBody) |
      (bodies !== 'none' && wholeBytes > bodyLimit ? messageFlag.isTruncated : 0) |
      (bodies === 'redacted' ? messageFlag.isRedacted : 0)
    this.#count++
  }

  /** The block; undefined without messages. In memory of this object when it is not packed: valid until `clear`. */
  block(): StoredBlock | undefined {
    if (this.#count === 0) return undefined
    const data = this.#bytes.subarray(0, this.#used)
    const isPacked = data.length >= PACK_FROM_BYTES
    return { data: isPacked ? pack(data) : data, isPacked }
  }

  clear(): void {
    this.#used = FORM.length
    this.#count = 0
  }

  /** What needs no mask is copied as it came. @returns where it ends, as do the two below */
  #addRedacted(at: number, body: Uint8Array): number {
    const end = this.#addBytes(at, body)
    const text = this.#bytes.toString('latin1', at, end)
    const masked = redactBytes(text)
    return masked === text ? end : this.#addText(at, masked)
  }

  #addBytes(at: number, bytes: Uint8Array): number {
    const end = at + bytes.length
    this.#need(end, at)
    this.#bytes.set(bytes, at)
    return end
  }

  #addText(at: number, text: string): number {
    const end = at + text.length
    this.#need(end, at)
    this.#bytes.write(text, at, 'latin1')
    return end
  }

  /** @param kept bytes in front that stay */
  #need(size: number, kept: number): void {
    if (size <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(size, this.#bytes.length * 2))
    larger.set(this.#bytes.subarray(0, kept))
    this.#bytes = larger
  }
}

function pack(data: Buffer): Buffer {
  return zstdCompressSync(data, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
}
