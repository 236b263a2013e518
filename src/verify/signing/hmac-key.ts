import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'

const BLOCK_BYTES = 64
export const MAC_BYTES = 32
/** Longer messages are not copied together but streamed through the library's HMAC. */
const SCRATCH_BYTES = 64 * 1024

/** Has its memory to itself: it begins where its buffer does. */
const scratch = Buffer.from(new ArrayBuffer(SCRATCH_BYTES))
const NO_BODY = new Uint8Array()

/**
 * A key of HMAC-SHA256 with both pads made ready (RFC 2104 §4), so that a short message costs two one-shot hashes:
 * half of what setting up an HMAC object for each message costs.
 */
export class HmacKey {
  readonly #innerPad = Buffer.alloc(BLOCK_BYTES)
  /** The outer pad, with room for the inner hash behind it. */
  readonly #outer = Buffer.alloc(BLOCK_BYTES + MAC_BYTES)
  readonly #key: KeyObject

  /** @throws RangeError for an empty secret: everybody could sign with it. */
  constructor(secret: string) {
    const bytes = Buffer.from(secret, 'utf8')
    if (bytes.length === 0) throw new RangeError('an empty secret protects nothing')
    this.#key = createSecretKey(bytes)
    const key = bytes.length > BLOCK_BYTES ? hash('sha256', bytes, 'buffer') : bytes
    for (let i = 0; i < BLOCK_BYTES; i++) {
      const byte = key[i] ?? 0
      this.#innerPad[i] = byte ^ 0x36
      this.#outer[i] = byte ^ 0x5c
    }
  }

  /**
   * Writes the MAC of `text` (as UTF-8) followed by `body` into the first MAC_BYTES of `out`.
   * Digests travel as binary strings: allocating a Buffer for each costs more than the hash of a short text.
   */
  macInto(out: Buffer, text: string, body: Uint8Array = NO_BODY): void {
    if (BLOCK_BYTES + text.length * 3 + body.length > SCRATCH_BYTES) {
      out.write(createHmac('sha256', this.#key).update(text).update(body).digest('binary'), 'latin1')
      return
    }
    scratch.set(this.#innerPad)
    const bodyAt = BLOCK_BYTES + scratch.write(text, BLOCK_BYTES, 'utf8')
    scratch.set(body, bodyAt)
    const inner = hash('sha256', new Uint8Array(scratch.buffer, 0, bodyAt + body.length), 'binary')
    this.#outer.write(inner, BLOCK_BYTES, 'latin1')
    out.write(hash('sha256', this.#outer, 'binary'), 'latin1')
  }
}
