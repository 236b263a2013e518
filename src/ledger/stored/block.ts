import { zstdCompressSync, zstdDecompressSync, constants } from 'node:zlib'

/** Below this size compression costs more than it saves. */
const PACK_FROM_BYTES = 2048
const LINE_BREAK = '\n'

/** All messages of one batch, compressed together: they resemble each other. */
export interface Block {
  readonly data: Uint8Array
  readonly isPacked: boolean
}

/** Lines (see messages.ts) as one block. */
export function blockOf(lines: readonly string[]): Block {
  const data = Buffer.from(lines.join(LINE_BREAK))
  const isPacked = data.length >= PACK_FROM_BYTES
  return { data: isPacked ? pack(data) : data, isPacked }
}

function pack(data: Buffer): Buffer {
  return zstdCompressSync(data, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
}

/** The lines of a block as it lies in the ledger. */
export function linesOf({ data, isPacked }: Block): string[] {
  return (isPacked ? zstdDecompressSync(data) : Buffer.from(data)).toString('utf8').split(LINE_BREAK)
}
