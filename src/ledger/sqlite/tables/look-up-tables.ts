import type { DatabaseSync, StatementSync } from 'node:sqlite'

/**
 * Callbacks by call, and by route and event. As indexes they were most of what a batch wrote: its callbacks lie all over
 * them, a page for nearly each. So they are tables of their own, into which a few thousand callbacks are taken at a time
 * in the table's own order. Up to which id that was done stands in the state; newer callbacks are walked by who reads.
 */
export interface LookUpTables {
  /**
   * After the callbacks of a batch were inserted.
   *
   * @param before how many callbacks were received before it, ever
   * @param routes about how many there are
   */
  inserted(callbacks: readonly { readonly id: string }[], before: number, routes: number): void
}

/** Taking them in keeps the writer for some milliseconds, and those that are not in cost every reader as much. */
const STEP = 2048
/** With many routes nearly every callback of a step lies on a page of its own: a step is as long again for each so many. */
const ROUTES_OF_STEP = 256
const LONGEST_STEP = 8 * STEP

/** Name of each, what it holds of a callback, in its own order, and when it takes its step. */
const TABLES = [
  {
    name: 'calls',
    row: 'SELECT bucket, call_hash, id FROM callbacks WHERE call_hash IS NOT NULL',
    late: 0,
    stepWith: () => STEP,
  },
  {
    name: 'route_events',
    row: 'SELECT route, event, id FROM callbacks WHERE true',
    late: STEP / 2,
    stepWith: (routes: number) =>
      Math.min(LONGEST_STEP, STEP * Math.max(1, Math.floor(routes / ROUTES_OF_STEP))),
  },
] as const

interface Filler {
  readonly filledTo: StatementSync
  readonly one: StatementSync
  readonly all: StatementSync
  readonly note: StatementSync
  readonly late: number
  readonly stepWith: (routes: number) => number
}

export function createLookUpTables(db: DatabaseSync): LookUpTables {
  const fillers = TABLES.map(({ name, row, late, stepWith }): Filler => ({
    filledTo: db.prepare(`SELECT ${name}_to AS id FROM state`),
    one: db.prepare(`INSERT OR IGNORE INTO ${name} ${row} AND id = ?`),
    all: db.prepare(
      `INSERT OR IGNORE INTO ${name} ${row} AND id > (SELECT ${name}_to FROM state) ORDER BY 1, 2, 3`,
    ),
    note: db.prepare(`UPDATE state SET ${name}_to = (SELECT max(id) FROM callbacks)`),
    late,
    stepWith,
  }))
  return {
    inserted(callbacks, before, routes) {
      for (const { filledTo, one, all, note, late, stepWith } of fillers) {
        const to = String(filledTo.get()?.['id'])
        for (const { id } of callbacks) if (id <= to) one.run(id) // made before those that are in, committed after them
        const length = stepWith(routes)
        const step = (count: number): number => Math.floor((count + late) / length)
        if (step(before) === step(before + callbacks.length)) continue
        all.run()
        note.run()
      }
    },
  }
}
