import type { CallbackFilter, CallbackRow, Page } from '../../rows.ts'
import {
  CALLBACK_COLUMNS,
  isRare,
  MOST_OF_ONE_CALL,
  newestFirst,
  type Range,
  rangeOf,
  resultsOf,
} from '../../stored/callback-filter.ts'
import { cursorOf } from '../../stored/cursor.ts'
import { mayBeRefused, REFUSAL_COLUMNS } from '../../stored/refusal-rows.ts'
import { type Queryable, rowsOf } from '../connection.ts'

const MOST_ROWS = 1000

/** Callbacks and refused requests in one list, newest first. */
export async function listCallbacks(db: Queryable, asked: CallbackFilter): Promise<Page<CallbackRow>> {
  const limit = Math.max(1, Math.min(MOST_ROWS, asked.limit))
  const filter = { ...asked, limit }
  const range = rangeOf(filter)
  if (range === undefined) return { rows: [], next: null }
  const [callbacks, refusals] = await Promise.all([
    findCallbacks(db, filter, range),
    mayBeRefused(filter) ? findRefusals(db, filter, range) : [],
  ])
  const found = [...callbacks, ...refusals].sort(newestFirst)
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return { rows, next: found.length > limit && last !== undefined ? cursorOf(last.id) : null }
}

/** Oldest first. */
export async function callbacksOfCall(db: Queryable, callId: string): Promise<readonly CallbackRow[]> {
  if (callId === '') return []
  const rows = await rowsOf<CallbackRow>(
    db,
    `SELECT ${CALLBACK_COLUMNS} FROM callbacks AS c WHERE c.call_id = $1 AND c.call_id <> '' ORDER BY c.id DESC LIMIT $2`,
    [callId, MOST_OF_ONE_CALL],
  )
  return rows.toReversed()
}

export async function oneCallback(db: Queryable, id: string): Promise<CallbackRow | undefined> {
  const [row] = await rowsOf<CallbackRow>(
    db,
    `SELECT ${CALLBACK_COLUMNS} FROM callbacks AS c WHERE c.id = $1`,
    [id],
  )
  return row
}

export async function oneRefusal(db: Queryable, id: string): Promise<CallbackRow | undefined> {
  const [row] = await rowsOf<CallbackRow>(db, `SELECT ${REFUSAL_COLUMNS} FROM refusals WHERE id = $1`, [id])
  return row
}

/** Each result that is asked for is found through its own index; the server merges. */
async function findCallbacks(
  db: Queryable,
  filter: CallbackFilter,
  range: Range,
): Promise<readonly CallbackRow[]> {
  const results = resultsOf(filter)
  if (results.length === 0) return []
  const values: unknown[] = [filter.limit + 1]
  const parts = results.map((result) => {
    const where = conditionsOf(filter, range, result, (value) => `$${values.push(value)}`)
    return `(SELECT ${CALLBACK_COLUMNS} FROM callbacks AS c WHERE ${where} ORDER BY c.id DESC LIMIT $1)`
  })
  return rowsOf<CallbackRow>(
    db,
    `SELECT * FROM (${parts.join(' UNION ALL ')}) AS found ORDER BY id DESC LIMIT $1`,
    values,
  )
}

function conditionsOf(
  filter: CallbackFilter,
  range: Range,
  result: string | undefined,
  use: (value: string) => string,
): string {
  const where = [`c.id >= ${use(range.from)}`, `c.id < ${use(range.to)}`]
  const equal = (column: string, value: string | undefined): void => {
    if (value !== undefined) where.push(`c.${column} = ${use(value)}`)
  }
  equal('route', filter.route)
  equal('event', filter.event)
  equal('last_outcome', filter.outcome)
  equal('call_id', filter.call_id)
  if (filter.call_id !== undefined) where.push(`c.call_id <> ''`)
  if (filter.retried === true) where.push('c.attempts > 1')
  if (result === 'pending') where.push(`c.id IN (SELECT id FROM inbox WHERE state = 'pending')`)
  if (isRare(result)) where.push(`c.result NOT IN ('delivered', 'pending')`)
  equal('result', result)
  return where.join(' AND ')
}

export async function callbacksById(db: Queryable, ids: readonly string[]): Promise<CallbackRow[]> {
  return rowsOf<CallbackRow>(db, `SELECT ${CALLBACK_COLUMNS} FROM callbacks AS c WHERE c.id = ANY($1)`, [ids])
}

async function findRefusals(
  db: Queryable,
  { route, limit }: CallbackFilter,
  { from, to }: Range,
): Promise<readonly CallbackRow[]> {
  return rowsOf<CallbackRow>(
    db,
    `SELECT ${REFUSAL_COLUMNS} FROM refusals WHERE id >= $1 AND id < $2 AND ($3::text IS NULL OR route = $3)
     ORDER BY id DESC LIMIT $4`,
    [from, to, route ?? null, limit + 1],
  )
}
