/** Pieces on average smaller than this are tiny … */
const TINY_BYTES = 16
/** … and a body in more of them is refused: what comes with each piece costs many times its bytes. */
const MOST_TINY = 4096

const FIRST_BYTES = 4096

/** The bytes of a body that comes in pieces, copied one behind the other: a piece of its own takes a hundred bytes more. */
export class GatheredBytes {
  #bytes = Buffer.alloc(0)
  #used = 0
  #pieces = 0

  get length(): number {
    return this.#used
  }

  /** Did the body come in far more pieces than any sender makes of one? */
  get isCrumbled(): boolean {
    return this.#pieces > MOST_TINY && this.#used < this.#pieces * TINY_BYTES
  }

  add(piece: Uint8Array): void {
    const used = this.#used + piece.length
    if (used > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(used, this.#bytes.length * 2, FIRST_BYTES))
      larger.set(this.#bytes.subarray(0, this.#used))
      this.#bytes = larger
    }
    this.#bytes.set(piece, this.#used)
    this.#used = used
    this.#pieces++
  }

  /** All of them; valid until more is added. */
  all(): Buffer {
    return this.#bytes.subarray(0, this.#used)
  }
}
