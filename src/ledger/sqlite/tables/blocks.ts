import type { DatabaseSync } from 'node:sqlite'

import { blockOf } from '../../stored/block.ts'

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
      const { data, isPacked } = blockOf(lines)
      insert.run(block, nowMs, isPacked ? 1 : 0, data)
    },
  }
}
