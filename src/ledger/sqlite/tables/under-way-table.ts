import type { DatabaseSync } from 'node:sqlite'

import { decodeKeptBytes, idOfKept } from '../../codec/decode.ts'
import { RecordReader } from '../../codec/record-reader.ts'
import { isKept } from '../../codec/records.ts'
import type { Ticket } from '../../ledger.ts'
import type { KeptEntry } from '../../writing/batch-plan.ts'
import { createInboxTable } from './inbox-table.ts'

/**
 * The bytes of callbacks that were kept by one batch and are settled by a later one. Which they are stands in memory,
 * and changes only when the transaction that changed the table is committed.
 */
export interface UnderWayTable {
  /** Takes in what one batch kept and did not settle. */
  add(batch: Ticket, entries: readonly KeptEntry[]): void
  has(id: string): boolean
  /** The record of a callback that is under way. */
  recordOf(id: string): Uint8Array | undefined
  /** It is settled. */
  leave(id: string): void
  /** The transaction was committed. */
  committed(): void
  /** The transaction was undone. */
  reset(): void
}

export function createUnderWayTable(db: DatabaseSync): UnderWayTable {
  const insert = db.prepare('INSERT INTO under_way (batch, records) VALUES (?, ?)')
  const select = db.prepare('SELECT records FROM under_way WHERE batch = ?')
  const remove = db.prepare('DELETE FROM under_way WHERE batch = ?')
  const batchOf = new Map<string, Ticket>()
  const sizes = new Map<Ticket, number>()
  // What the transaction under way changes in the two.
  const entered = new Map<string, Ticket>()
  const left: string[] = []
  const resized = new Map<Ticket, number>()
  /** The batch that was read last, taken apart. */
  let open: { readonly batch: Ticket; readonly records: ReadonlyMap<string, Uint8Array> } | undefined

  const forget = (): void => {
    entered.clear()
    left.length = 0
    resized.clear()
    open = undefined
  }
  return {
    add(batch, entries) {
      if (entries.length === 0) return
      insert.run(batch, Buffer.concat(entries.map(({ bytes }) => bytes)))
      for (const { id } of entries) entered.set(id, batch)
      resized.set(batch, entries.length)
    },
    has: (id) => batchOf.has(id),
    recordOf(id) {
      const batch = batchOf.get(id)
      if (batch === undefined) return undefined
      if (open?.batch !== batch) open = { batch, records: recordsOf(select.get(batch)?.['records']) }
      return open.records.get(id)
    },
    leave(id) {
      const batch = batchOf.get(id)
      if (batch === undefined) return
      const size = (resized.get(batch) ?? sizes.get(batch) ?? 0) - 1
      left.push(id)
      resized.set(batch, size)
      if (size <= 0) remove.run(batch)
    },
    committed() {
      for (const id of left) batchOf.delete(id)
      for (const [id, batch] of entered) batchOf.set(id, batch)
      for (const [batch, size] of resized) {
        if (size > 0) sizes.set(batch, size)
        else sizes.delete(batch)
      }
      forget()
    },
    reset: forget,
  }
}

/**
 * Moves what an earlier writer left under way into the inbox, where recovery and later settlements look for it; the
 * caller holds the transaction. A table made afterwards begins empty.
 */
export function unpackUnderWay(db: DatabaseSync): void {
  const inbox = createInboxTable(db)
  const isPending = db.prepare(`SELECT 1 FROM callbacks WHERE id = ? AND result = 'pending'`)
  for (const { records } of db.prepare('SELECT records FROM under_way').all()) {
    for (const [id, bytes] of recordsOf(records)) {
      if (isPending.get(id) !== undefined) inbox.insertPending({ record: decodeKeptBytes(bytes), bytes })
    }
  }
  db.exec('DELETE FROM under_way')
}

/** Ids of all that one batch kept and did not settle, also of those that were settled since. */
export function idsUnderWay(records: unknown): readonly string[] {
  return [...recordsOf(records).keys()]
}

function recordsOf(bytes: unknown): ReadonlyMap<string, Uint8Array> {
  const records = new Map<string, Uint8Array>()
  if (!(bytes instanceof Uint8Array)) return records
  const reader = new RecordReader(bytes)
  for (let type = reader.next(); type !== undefined; type = reader.next()) {
    if (isKept(type)) records.set(idOfKept(reader), reader.record())
  }
  return records
}
