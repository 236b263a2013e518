import type { DatabaseSync } from 'node:sqlite'
import { zstdCompressSync, zstdDecompressSync, constants } from 'node:zlib'

/** Below this size compression costs more than it saves. */
const PACK_FROM_BYTES = 2048
const LINE_BREAK = '\n'

/** All messages of one batch, compressed together: they resemble each other. */
export interface BlockWriter {
  /** Writes the lines as one block; does nothing without lines. */
  write(block: number, lines: readonly string[], nowMs: number): void
}

export function createBlockWriter(db: DatabaseSync): BlockWriter {
  const insert = db.prepare(
    'INSERT OR REPLACE INTO blocks (block, committed_at, is_packed, data) VALUES (?, ?, ?, ?)',
  )
  return {
    write(block, lines, nowMs) {
      if (lines.length === 0) return
      const data = Buffer.from(lines.join(LINE_BREAK))
      const isPacked = data.length >= PACK_FROM_BYTES
      insert.run(block, nowMs, isPacked ? 1 : 0, isPacked ? pack(data) : data)
    },
  }
}

function pack(data: Buffer): Buffer {
  return zstdCompressSync(data, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
}

/** The lines of a block as it lies in the ledger. */
export function linesOf(data: Uint8Array, isPacked: boolean): string[] {
  return (isPacked ? zstdDecompressSync(data) : Buffer.from(data)).toString('utf8').split(LINE_BREAK)
}
