import type { DatabaseSync } from 'node:sqlite'

import { createRollupTable } from '../tables/rollup-table.ts'
import { createStreakTable } from '../tables/streak-table.ts'
import { createUnsummedTable } from '../tables/unsummed-table.ts'
import { readNotes } from './notes.ts'
import { Standing } from './standing.ts'

/**
 * Adds what is only noted to the rows of numbers and streaks: what a process that was killed left, or a transaction
 * that was undone made forgotten. The caller holds the transaction, and remembers nothing of these rows.
 */
export function sumUp(db: DatabaseSync): void {
  const unsummed = createUnsummedTable(db)
  /** Of each route the last batch with which its rows were written. */
  const savedWith = new Map<string, number>()
  for (const { number, saved } of unsummed.all()) for (const route of saved) savedWith.set(route, number)
  const tables = { rollups: createRollupTable(db), streaks: createStreakTable(db) }
  const standings = new Map<string, Standing>()
  const standingOf = (route: string): Standing => {
    const standing = standings.get(route) ?? new Standing(route, tables)
    standings.set(route, standing)
    return standing
  }
  for (const row of unsummed.all()) {
    readNotes(row, (route) => ((savedWith.get(route) ?? 0) < row.number ? standingOf(route) : undefined))
  }
  for (const standing of standings.values()) standing.save()
  unsummed.remove()
}
