import { firstIdAt } from '../../../callback/id.ts'
import { noStreak, type Streak } from '../../../callback/streak.ts'
import type { EventPage, GuardPage, LedgerReader } from '../../ledger.ts'
import type { CallbackWithAttempts } from '../../rows.ts'
import {
  COLUMN_END,
  eventColumns,
  guardColumns,
  IS_EVENT,
  ROW_END,
  ROWS_AT_ONCE,
} from '../../stored/guard-text.ts'
import { pageTextOf } from '../../stored/page-text.ts'
import { type Pool, rowsOf } from '../connection.ts'
import { usedBy } from '../stores/retention.ts'
import { callbacksById, callbacksOfCall, listCallbacks, oneCallback, oneRefusal } from './callback-query.ts'
import { attemptsOf, nextAttemptOf, requestOf } from './detail-query.ts'
import { historyOf, summariesOf } from './route-query.ts'

/** The reading side; runs on the thread of the stores, on connections that cannot write. */
export function createReader(pool: Pool): LedgerReader {
  return {
    callbacks: (filter) => listCallbacks(pool, filter),
    pageText: async (filter, form) => pageTextOf(await listCallbacks(pool, filter), form, filter),
    async callback(id) {
      const row = await oneCallback(pool, id)
      if (row !== undefined) {
        const [next_attempt_at, request, attempt_rows] = await Promise.all([
          nextAttemptOf(pool, id),
          requestOf(pool, id),
          attemptsOf(pool, [id]),
        ])
        return { ...row, next_attempt_at, request, attempt_rows }
      }
      const refused = await oneRefusal(pool, id)
      return refused === undefined ? undefined : { ...refused, request: null, attempt_rows: [] }
    },
    attempts: (id) => attemptsOf(pool, [id]),
    withAttempts: (ids) => withAttempts(pool, ids),
    call: (callId) => callbacksOfCall(pool, callId),
    routes: (sinceMs) => summariesOf(pool, sinceMs),
    history: (sinceMs, stepMs) => historyOf(pool, sinceMs, stepMs),
    async guards(sinceMs, most, after) {
      const from = after === '' ? await idBefore(pool, firstIdAt(sinceMs), most, 'true') : after
      const page = await pageOf(pool, { columns: guardColumns, condition: `guard_key <> ''`, from })
      const answers = await rowsOf<GuardPage['answers'][number]>(
        pool,
        'SELECT id, content_type, body FROM answers WHERE id > $1 AND id <= $2',
        [from, page.last],
      )
      return {
        ...page,
        answers: answers.map((answer) => Object.assign(answer, { body: Uint8Array.from(answer.body) })),
      }
    },
    async events(sinceMs, most, after) {
      const from = after === '' ? await idBefore(pool, firstIdAt(sinceMs), most, IS_EVENT) : after
      return pageOf(pool, { columns: eventColumns, condition: IS_EVENT, from })
    },
    async streaks() {
      const rows = await rowsOf<{ route: string; target: string; streak: string }>(
        pool,
        'SELECT route, target, streak FROM streaks ORDER BY route, target DESC',
      )
      return rows.map(({ route, target, streak }) => ({
        route,
        target,
        streak: streak === '' ? noStreak : (JSON.parse(streak) as Streak),
      }))
    },
    counts: () => usedBy(pool),
  }
}

async function withAttempts(pool: Pool, ids: readonly string[]): Promise<readonly CallbackWithAttempts[]> {
  const [rows, attempts] = await Promise.all([callbacksById(pool, ids), attemptsOf(pool, ids)])
  const byCallback = Map.groupBy(attempts, ({ callback_id: id }) => id)
  return rows.map((row) => Object.assign(row, { attempt_rows: byCallback.get(row.id) ?? [] }))
}

/** The id that `count` newer ones of a kind follow; `since` when there are not as many since then. */
async function idBefore(pool: Pool, since: string, count: number, condition: string): Promise<string> {
  const [row] = await rowsOf<{ id: string }>(
    pool,
    `SELECT id FROM callbacks WHERE id >= $1 AND ${condition} ORDER BY id DESC LIMIT 1 OFFSET $2`,
    [since, count],
  )
  return row?.id ?? since
}

interface PageQuery {
  readonly columns: readonly string[]
  readonly condition: string
  /** Rows with ids after this one. */
  readonly from: string
}

/** Rows as one text. */
async function pageOf(pool: Pool, { columns, condition, from }: PageQuery): Promise<EventPage> {
  const [page] = await rowsOf<EventPage>(
    pool,
    `SELECT coalesce(string_agg(line, chr(${ROW_END}) ORDER BY id), '') AS rows, coalesce(max(id), '') AS last FROM (
       SELECT id, concat_ws(chr(${COLUMN_END}), ${columns.join(', ')}) AS line FROM callbacks
       WHERE id > $1 AND ${condition} ORDER BY id LIMIT ${ROWS_AT_ONCE}) AS page`,
    [from],
  )
  return page ?? { rows: '', last: '' }
}
