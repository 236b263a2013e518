import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'

import type { CallbackFilter } from '../../rows.ts'
import type { Range } from '../../stored/callback-filter.ts'
import type { Condition } from './condition.ts'

/** From one event of a route to the next, each found with one look into the table. */
const EVENTS_OF_ROUTE = `WITH RECURSIVE events(event) AS (
    SELECT min(event) FROM route_events WHERE route = ?
    UNION ALL SELECT (SELECT min(event) FROM route_events WHERE route = ? AND event > events.event)
    FROM events WHERE events.event IS NOT NULL)
  SELECT event FROM events WHERE event IS NOT NULL`
const ROUTES = `WITH RECURSIVE routes(route) AS (
    SELECT min(route) FROM route_events
    UNION ALL SELECT (SELECT min(route) FROM route_events WHERE route > routes.route)
    FROM routes WHERE routes.route IS NOT NULL)
  SELECT route FROM routes WHERE route IS NOT NULL`

type RouteEvent = readonly [route: string, event: string]

/**
 * Finds the newest callbacks of a place, which is a route, an event or both: first among those that are in no table yet,
 * then in each part of the table.
 *
 * @param rest what they have to fit beside their place
 * @returns at most `limit + 1` ids
 */
export type RouteEventQuery = (
  filter: CallbackFilter,
  range: Range,
  place: Condition,
  rest: Condition,
) => readonly string[]

export function createRouteEventQuery(db: DatabaseSync): RouteEventQuery {
  const partsOf = ({ route, event }: CallbackFilter): readonly RouteEvent[] => {
    if (route === undefined) {
      return db
        .prepare(ROUTES)
        .all()
        .map((row) => [String(row['route']), event ?? ''])
    }
    if (event !== undefined) return [[route, event]]
    return db
      .prepare(EVENTS_OF_ROUTE)
      .all(route, route)
      .map((row) => [route, String(row['event'])])
  }

  return (filter, { from, to }, place, rest) => {
    const most = filter.limit + 1
    const filledTo = db.prepare('SELECT route_events_to AS id FROM state').get()?.['id']
    const beyond = `${String(filledTo)}0` // no id lies between the two
    const walk = db.prepare(`SELECT c.id FROM callbacks AS c
      WHERE c.id >= ? AND c.id < ? AND ${place.sql} AND ${rest.sql} ORDER BY c.id DESC LIMIT ?`)
    const values = [...place.values, ...rest.values]
    let newest = idsOf(walk, [from > beyond ? from : beyond, to, ...values, most])
    if (newest.length === most || from >= beyond) return newest

    const end = to < beyond ? to : beyond
    const isPlain = rest.values.length === 0
    const part =
      db.prepare(`SELECT p.id FROM route_events AS p ${isPlain ? '' : 'CROSS JOIN callbacks AS c ON c.id = p.id'}
      WHERE p.route = ? AND p.event = ? AND p.id >= ? AND p.id < ? AND ${isPlain ? 'true' : rest.sql}
      ORDER BY p.id DESC LIMIT ?`)
    for (const at of partsOf(filter)) {
      // Once there are enough, only newer ones are of use.
      const found = idsOf(part, [...at, newest[most - 1] ?? from, end, ...rest.values, most])
      if (found.length > 0) newest = [...newest, ...found].sort().toReversed().slice(0, most)
    }
    return newest
  }
}

function idsOf(statement: StatementSync, values: readonly SQLInputValue[]): string[] {
  return statement.all(...values).map(({ id }) => String(id))
}
