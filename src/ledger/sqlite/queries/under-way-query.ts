import type { DatabaseSync } from 'node:sqlite'

import { idsUnderWay } from '../tables/under-way-table.ts'

/** Ids of the callbacks that may be under way: some of them are settled. However much came lately, these are few. */
export function createUnderWayQuery(db: DatabaseSync): () => readonly string[] {
  const batches = db.prepare('SELECT records FROM under_way')
  const leftByCrash = db.prepare(`SELECT id FROM inbox WHERE state = 'pending'`)
  return () => {
    const ids = leftByCrash.all().map(({ id }) => String(id))
    for (const { records } of batches.iterate()) ids.push(...idsUnderWay(records))
    return ids
  }
}
