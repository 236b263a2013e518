import type { DatabaseSync } from 'node:sqlite'

import type { CallbackFilter, CallbackRow } from '../../rows.ts'
import { rangeOf } from '../../stored/callback-filter.ts'
import { mayBeRefused, REFUSAL_COLUMNS } from '../../stored/refusal-rows.ts'

/** Refused requests in the form of callbacks: lists show both in one. */
export interface RefusalQuery {
  /** Newest first, at most `limit + 1`. */
  list(filter: CallbackFilter): CallbackRow[]
  one(id: string): CallbackRow | undefined
}

export function createRefusalQuery(db: DatabaseSync): RefusalQuery {
  const all = db.prepare(
    `SELECT ${REFUSAL_COLUMNS} FROM refusals WHERE id >= ? AND id < ? AND (? IS NULL OR route = ?) ORDER BY id DESC LIMIT ?`,
  )
  const one = db.prepare(`SELECT ${REFUSAL_COLUMNS} FROM refusals WHERE id = ?`)
  return {
    list(filter) {
      const range = rangeOf(filter)
      if (range === undefined || !mayBeRefused(filter)) return []
      const route = filter.route ?? null
      return all.all(range.from, range.to, route, route, filter.limit + 1) as unknown as CallbackRow[]
    },
    one: (id) => one.get(id) as unknown as CallbackRow | undefined,
  }
}
