import type { DatabaseSync } from 'node:sqlite'

import type { StoredBlock } from '../../stored/block-form.ts'

export interface BlockWriter {
  write(number: number, block: StoredBlock, nowMs: number): void
}

export function createBlockWriter(db: DatabaseSync): BlockWriter {
  const insert = db.prepare(
    'INSERT OR REPLACE INTO blocks (block, committed_at, is_packed, data) VALUES (?, ?, ?, ?)',
  )
  return {
    write(number, { data, isPacked }, nowMs) {
      insert.run(number, nowMs, isPacked ? 1 : 0, data)
    },
  }
}
