/** Bytes of many rows as one parameter; a row names its piece by where it starts, counted from 1, and its length. */
export class Pieces {
  readonly #pieces: Uint8Array[] = []
  #size = 0

  add(bytes: Uint8Array): { readonly start: number; readonly size: number } {
    const start = this.#size + 1
    this.#pieces.push(bytes)
    this.#size += bytes.length
    return { start, size: bytes.length }
  }

  whole(): Buffer {
    return Buffer.concat(this.#pieces, this.#size)
  }
}
