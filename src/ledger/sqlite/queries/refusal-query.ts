import type { DatabaseSync } from 'node:sqlite'

import { NO_EVENT } from '../../../callback/event.ts'
import type { CallbackFilter, CallbackRow } from '../../rows.ts'
import { rangeOf } from './callback-query.ts'

/** Refused requests in the form of callbacks: lists show both in one. */
export interface RefusalQuery {
  /** Newest first, at most `limit + 1`. */
  list(filter: CallbackFilter): CallbackRow[]
  one(id: string): CallbackRow | undefined
}

const COLUMNS = `id, received_at, route, '' AS account, '${NO_EVENT}' AS event, '' AS raw_event, '' AS call_id,
  '' AS kind, method, path, 'refused' AS verdict, 'rejected' AS result, '' AS blame, reason, 0 AS attempts,
  '' AS last_outcome, status AS answer_status, 0 AS answer_ms, 0 AS body_bytes, '' AS duplicate_of, peer,
  '' AS traceparent`

export function createRefusalQuery(db: DatabaseSync): RefusalQuery {
  const all = db.prepare(
    `SELECT ${COLUMNS} FROM refusals WHERE id >= ? AND id < ? AND (? IS NULL OR route = ?) ORDER BY id DESC LIMIT ?`,
  )
  const one = db.prepare(`SELECT ${COLUMNS} FROM refusals WHERE id = ?`)
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

function mayBeRefused({ result, event, call_id, outcome }: CallbackFilter): boolean {
  return (
    (result === undefined || result === 'rejected') &&
    (event === undefined || event === NO_EVENT) &&
    call_id === undefined &&
    outcome === undefined
  )
}
