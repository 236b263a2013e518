import type { DatabaseSync } from 'node:sqlite'

import type { Ticket } from '../../ledger.ts'

/** Rows as they were handed over, in their order, that no committed batch holds. */
export interface Journaled {
  readonly rows: number
  readonly records: Uint8Array
  /** Ticket of the last row, in the session that wrote it. */
  readonly last: Ticket
}

export interface JournaledPiece extends Journaled {
  readonly writtenAt: number
}

/**
 * What somebody waits for is written here as it came, in one row without an index: most of the work of a commit is in
 * the tables with many, and one that gathers more rows does less of it for each.
 */
export interface JournalTable {
  add(journaled: Journaled, nowMs: number): void
  /** In the transaction of the batch that holds everything up to a ticket. */
  clear(upTo: Ticket): void
  /** Ticket of its last row; 0 when it is empty. */
  last(): Ticket
  /** Everything in it as one piece, and when its last row was written; undefined when it is empty. */
  read(): JournaledPiece | undefined
  /** The same as it was added, piece by piece. */
  pieces(): readonly JournaledPiece[]
}

export function createJournalTable(db: DatabaseSync): JournalTable {
  const insert = db.prepare('INSERT INTO journal (written_at, rows, records, last) VALUES (?, ?, ?, ?)')
  const select = db.prepare(
    'SELECT written_at AS writtenAt, rows, records, last FROM journal ORDER BY number',
  )
  const remove = db.prepare('DELETE FROM journal WHERE last <= ?')
  const newest = db.prepare('SELECT max(last) AS last FROM journal')
  const pieces = () => select.all() as unknown as readonly JournaledPiece[]
  return {
    add({ rows, records, last }, nowMs) {
      insert.run(nowMs, rows, records, last)
    },
    clear(upTo) {
      remove.run(upTo)
    },
    last: () => Number(newest.get()?.['last'] ?? 0),
    read() {
      const found = pieces()
      const last = found.at(-1)
      if (last === undefined) return undefined
      return {
        ...last,
        rows: found.reduce((sum, { rows }) => sum + rows, 0),
        records: Buffer.concat(found.map(({ records }) => records)),
      }
    },
    pieces,
  }
}
