import { zstdCompressSync, zstdDecompressSync, constants } from 'node:zlib'

/** Below this size compression costs more than it saves. */
const PACK_FROM_BYTES = 2048
const LINE_BREAK = '\n'
const FIRST_SIZE = 64 * 1024

/** All messages of one batch, compressed together: they resemble each other. */
export interface Block {
  readonly data: Uint8Array
  readonly isPacked: boolean
}

/** Gathers lines (see messages.ts) for a block: as bytes, because strings would wait for their block in the heap. */
export class BlockLines {
  #bytes = Buffer.allocUnsafeSlow(FIRST_SIZE)
  #used = 0
  #count = 0

  /** Lines so far: the place of the next one. */
  get count(): number {
    return this.#count
  }

  add(line: string): void {
    const most = this.#used + 1 + line.length * 3
    if (most > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(most, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(0, this.#used))
      this.#bytes = larger
    }
    if (this.#count++ > 0) this.#used += this.#bytes.write(LINE_BREAK, this.#used)
    this.#used += this.#bytes.write(line, this.#used)
  }

  /** The block; undefined without lines. In memory of this object when it is not packed: valid until `clear`. */
  block(): Block | undefined {
    if (this.#count === 0) return undefined
    const data = this.#bytes.subarray(0, this.#used)
    const isPacked = data.length >= PACK_FROM_BYTES
    return { data: isPacked ? pack(data) : data, isPacked }
  }

  clear(): void {
    this.#used = 0
    this.#count = 0
  }
}

function pack(data: Buffer): Buffer {
  return zstdCompressSync(data, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
}

/** The lines of a block as it lies in the ledger. */
export function linesOf({ data, isPacked }: Block): string[] {
  return (isPacked ? zstdDecompressSync(data) : Buffer.from(data)).toString('utf8').split(LINE_BREAK)
}
