import type { DatabaseSync } from 'node:sqlite'

import type { WrittenNotes } from '../standings/notes.ts'

/** Notes of one batch, and the routes whose rows were written with it. */
export interface UnsummedRow extends WrittenNotes {
  /** In order of the batches. */
  readonly number: number
  /** They hold all that is noted of them here and before. */
  readonly saved: readonly string[]
}

/** What batches add to numbers and streaks, noted, as long as the rows of these are not written. */
export interface UnsummedTable {
  /** @returns its number */
  insert(notes: WrittenNotes, saved: readonly string[]): number
  all(): Iterable<UnsummedRow>
  /** @param last undefined for all that there are */
  remove(last?: number): void
}

export function createUnsummedTable(db: DatabaseSync): UnsummedTable {
  const insert = db.prepare('INSERT INTO unsummed (texts, numbers, saved) VALUES (?, ?, ?)')
  const select = db.prepare('SELECT number, texts, numbers, saved FROM unsummed ORDER BY number')
  const remove = db.prepare('DELETE FROM unsummed WHERE number <= ?')
  return {
    insert: ({ texts, numbers }, saved) =>
      Number(insert.run(texts, numbers, JSON.stringify(saved)).lastInsertRowid),
    *all() {
      for (const row of select.iterate()) {
        yield {
          number: Number(row['number']),
          texts: String(row['texts']),
          numbers: row['numbers'] as Uint8Array,
          saved: JSON.parse(String(row['saved'])) as readonly string[],
        }
      }
    },
    remove(last = Number.MAX_SAFE_INTEGER) {
      remove.run(last)
    },
  }
}
