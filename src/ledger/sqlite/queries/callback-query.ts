import type { DatabaseSync, SQLInputValue } from 'node:sqlite'

import type { CallbackFilter, CallbackRow } from '../../rows.ts'
import { hashOfCall } from '../tables/callback-table.ts'
import {
  CALLBACK_COLUMNS,
  fits,
  isRare,
  MOST_OF_ONE_CALL,
  newestFirst,
  rangeOf,
  resultsOf,
} from '../../stored/callback-filter.ts'
import { both, type Condition, equalTo } from './condition.ts'
import { createRouteEventQuery } from './route-event-query.ts'
import { createUnderWayQuery } from './under-way-query.ts'

/** The condition of the index of results; see isRare. */
const RARE = `c.result NOT IN ('delivered', 'pending')`

/** Newest first, at most `limit + 1` rows of each source; the caller merges and cuts. */
export interface CallbackQuery {
  list(filter: CallbackFilter): CallbackRow[]
  /** Oldest first. */
  ofCall(callId: string): CallbackRow[]
  one(id: string): CallbackRow | undefined
  several(ids: readonly string[]): CallbackRow[]
}

export function createCallbackQuery(db: DatabaseSync): CallbackQuery {
  const rows = (sql: string, ...values: SQLInputValue[]): CallbackRow[] =>
    db.prepare(sql).all(...values) as unknown as CallbackRow[]

  // From bucket to bucket, and through those that are in none yet.
  const byCall = `WITH RECURSIVE buckets(n) AS (
      SELECT min(bucket) FROM calls UNION ALL SELECT n + 1 FROM buckets WHERE n < (SELECT max(bucket) FROM calls))
    SELECT ${CALLBACK_COLUMNS} FROM callbacks AS c WHERE c.call_id = ? AND c.id IN (
      SELECT k.id FROM buckets CROSS JOIN calls AS k WHERE k.bucket = buckets.n AND k.hash = ?
      UNION ALL SELECT n.id FROM callbacks AS n WHERE n.id > (SELECT calls_to FROM state) AND n.call_hash = ?)
    ORDER BY c.id DESC LIMIT ${MOST_OF_ONE_CALL}`
  const newestOfCall = (callId: string): CallbackRow[] => {
    const hash = hashOfCall(callId)
    return rows(byCall, callId, hash, hash)
  }
  const several = (ids: readonly string[], that: Condition = equalTo({})): CallbackRow[] =>
    rows(
      `SELECT ${CALLBACK_COLUMNS} FROM callbacks AS c WHERE c.id IN (SELECT value FROM json_each(?)) AND ${that.sql}`,
      JSON.stringify(ids),
      ...that.values,
    )
  const underWay = createUnderWayQuery(db)
  const newestAt = createRouteEventQuery(db)

  return {
    list(filter) {
      const range = rangeOf(filter)
      if (range === undefined) return []
      if (filter.call_id !== undefined) {
        return newestOfCall(filter.call_id).filter((row) => fits(row, filter, range))
      }
      return resultsOf(filter)
        .flatMap((result) => {
          const place = equalTo({ 'c.route': filter.route, 'c.event': filter.event })
          const rest = becameOf(filter, result)
          const all = both(place, rest)
          if (result === 'pending') {
            const ids = underWay().filter((id) => id >= range.from && id < range.to)
            return several(ids, all)
              .sort(newestFirst)
              .slice(0, filter.limit + 1)
          }
          if (isFoundByPlace(filter, result)) return several(newestAt(filter, range, place, rest))
          return rows(
            `SELECT ${CALLBACK_COLUMNS} FROM callbacks AS c ${indexFor(filter, result)}
              WHERE c.id >= ? AND c.id < ? AND ${all.sql} ORDER BY c.id DESC LIMIT ?`,
            range.from,
            range.to,
            ...all.values,
            filter.limit + 1,
          )
        })
        .sort(newestFirst)
    },
    ofCall: (callId) => newestOfCall(callId).toReversed(),
    one: (id) => rows(`SELECT ${CALLBACK_COLUMNS} FROM callbacks AS c WHERE c.id = ?`, id)[0],
    several: (ids) => several(ids),
  }
}

/** Without statistics the planner takes the index of results alone, and would walk the failures of every other route. */
function indexFor({ route, outcome, retried }: CallbackFilter, result: string | undefined): string {
  if (!isRare(result)) return retried === true ? 'INDEXED BY callbacks_retried' : ''
  if (route !== undefined) return 'INDEXED BY callbacks_by_route_result'
  return outcome === undefined ? '' : 'INDEXED BY callbacks_by_outcome'
}

/** By its route or event alone: there is no index by what became of it. */
function isFoundByPlace({ route, event, retried }: CallbackFilter, result: string | undefined): boolean {
  return (route !== undefined || event !== undefined) && retried !== true && !isRare(result)
}

/** What a filter says of a callback's deliveries. */
function becameOf({ outcome, retried }: CallbackFilter, result: string | undefined): Condition {
  const many = { sql: retried === true ? 'c.attempts > 1' : 'true', values: [] }
  const rare = { sql: isRare(result) ? RARE : 'true', values: [] }
  return both(both(many, rare), equalTo({ 'c.last_outcome': outcome, 'c.result': result }))
}
