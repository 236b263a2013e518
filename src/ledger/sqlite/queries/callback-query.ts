import type { DatabaseSync, SQLInputValue } from 'node:sqlite'

import { firstIdAt } from '../../../callback/id.ts'
import type { CallbackFilter, CallbackRow } from '../../rows.ts'
import { bucketOf, hashOfCall } from '../tables/callback-table.ts'
import {
  CALLBACK_COLUMNS,
  fits,
  isRare,
  MOST_OF_ONE_CALL,
  newestFirst,
  type Range,
  rangeOf,
  resultsOf,
} from '../../stored/callback-filter.ts'

/** No deadline is longer than a minute; what a crash cut off is settled at the next start. */
const LONGEST_UNDER_WAY_MS = 600_000
/** The condition of the index of results; see isRare. */
const RARE = `c.result NOT IN ('delivered', 'pending')`
/** From one event of a route to the next, each found with one look into the index. */
const EVENTS_OF_ROUTE = `WITH RECURSIVE events(event) AS (
    SELECT min(event) FROM callbacks WHERE route = ?
    UNION ALL SELECT (SELECT min(event) FROM callbacks WHERE route = ? AND event > events.event)
    FROM events WHERE events.event IS NOT NULL)
  SELECT event FROM events WHERE event IS NOT NULL`

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

  const byCall = `WITH RECURSIVE buckets(n) AS (SELECT ? UNION ALL SELECT n + 1 FROM buckets WHERE n < ?)
    SELECT ${CALLBACK_COLUMNS} FROM buckets CROSS JOIN callbacks AS c INDEXED BY callbacks_by_call
    WHERE c.bucket = buckets.n AND c.call_hash = ? AND c.call_id = ? ORDER BY c.id DESC LIMIT ${MOST_OF_ONE_CALL}`

  const newestOfCall = (callId: string): CallbackRow[] => {
    const first = db.prepare('SELECT min(bucket) AS n FROM callbacks WHERE call_hash IS NOT NULL').get()?.[
      'n'
    ]
    const received = db.prepare('SELECT received FROM state').get()?.['received']
    if (typeof first !== 'number') return []
    return rows(byCall, first, bucketOf(Number(received ?? 0)), hashOfCall(callId), callId)
  }

  /** The newest of each event of a route, of which the newest are taken. */
  const ofRoute = (
    { route = '', limit }: CallbackFilter,
    where: string,
    values: readonly SQLInputValue[],
  ): CallbackRow[] => {
    const events = db.prepare(EVENTS_OF_ROUTE).all(route, route)
    if (events.length === 0) return []
    const each = `SELECT id FROM (SELECT c.id FROM callbacks AS c INDEXED BY callbacks_by_route_event
      WHERE ${where} AND c.event = ? ORDER BY c.id DESC LIMIT ?)`
    return rows(
      `SELECT ${CALLBACK_COLUMNS} FROM callbacks AS c WHERE c.id IN (${events.map(() => each).join(' UNION ALL ')})
        ORDER BY c.id DESC LIMIT ?`,
      ...events.flatMap(({ event }) => values.concat(String(event), limit + 1)),
      limit + 1,
    )
  }

  return {
    list(filter) {
      const range = rangeOf(filter)
      if (range === undefined) return []
      if (filter.call_id !== undefined) {
        return newestOfCall(filter.call_id).filter((row) => fits(row, filter, range))
      }
      return resultsOf(filter)
        .flatMap((result) => {
          const { where, values } = conditions(filter, range, result)
          if (walksRoute(filter, result)) return ofRoute(filter, where, values)
          return rows(
            `SELECT ${CALLBACK_COLUMNS} FROM callbacks AS c ${indexFor(filter, result)} WHERE ${where} ORDER BY c.id DESC LIMIT ?`,
            ...values,
            filter.limit + 1,
          )
        })
        .sort(newestFirst)
    },
    ofCall: (callId) => newestOfCall(callId).toReversed(),
    one: (id) => rows(`SELECT ${CALLBACK_COLUMNS} FROM callbacks AS c WHERE c.id = ?`, id)[0],
    several: (ids) =>
      rows(
        `SELECT ${CALLBACK_COLUMNS} FROM callbacks AS c WHERE c.id IN (SELECT value FROM json_each(?))`,
        JSON.stringify(ids),
      ),
  }
}

/** Without statistics the planner takes the index of results alone, and would walk the failures of every other route. */
function indexFor({ route, outcome, retried }: CallbackFilter, result: string | undefined): string {
  if (!isRare(result)) return retried === true ? 'INDEXED BY callbacks_retried' : ''
  if (route !== undefined) return 'INDEXED BY callbacks_by_route_result'
  return outcome === undefined ? '' : 'INDEXED BY callbacks_by_outcome'
}

/** Whether there is an index neither by result nor by event to go by. */
function walksRoute({ route, event, retried }: CallbackFilter, result: string | undefined): boolean {
  return route !== undefined && event === undefined && retried !== true && !isRare(result)
}

/** One bound, because of two for the same column SQLite goes by the first alone, and would walk all there is. */
function sinceUnderWay({ from }: Range): string {
  const oldest = firstIdAt(Date.now() - LONGEST_UNDER_WAY_MS)
  return from > oldest ? from : oldest
}

function conditions(
  filter: CallbackFilter,
  range: Range,
  result: string | undefined,
): { where: string; values: SQLInputValue[] } {
  const where = ['c.id >= ?', 'c.id < ?']
  const values: SQLInputValue[] = [result === 'pending' ? sinceUnderWay(range) : range.from, range.to]
  const equal = (column: string, value: string | undefined): void => {
    if (value === undefined) return
    where.push(`${column} = ?`)
    values.push(value)
  }
  equal('c.route', filter.route)
  equal('c.event', filter.event)
  equal('c.last_outcome', filter.outcome)
  if (filter.retried === true) where.push('c.attempts > 1')
  if (isRare(result)) where.push(RARE)
  equal('c.result', result)
  return { where: where.join(' AND '), values }
}
