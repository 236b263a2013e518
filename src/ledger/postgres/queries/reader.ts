import { firstIdAt } from '../../../callback/id.ts'
import { noStreak, type Streak } from '../../../callback/streak.ts'
import type { EventRow, GuardRow, LedgerReader } from '../../ledger.ts'
import type { CallbackWithAttempts } from '../../rows.ts'
import { pageTextOf } from '../../stored/page-text.ts'
import { type Pool, rowsOf } from '../connection.ts'
import { usedBy } from '../stores/retention.ts'
import { callbacksById, callbacksOfCall, listCallbacks, oneCallback, oneRefusal } from './callback-query.ts'
import { attemptsOf, nextAttemptOf, requestOf } from './detail-query.ts'
import { historyOf, summariesOf } from './route-query.ts'

type StoredGuard = Omit<GuardRow, 'answer_body'> & { readonly answer_body: Uint8Array | null }

const GUARDS_AT_ONCE = 10_000
const MOST_EVENTS = 100_000

/**
 * What a repeat is told. A callback that a crash cut off has told nothing yet: one that waits is answered for its
 * handler, any other is tried again.
 */
const TOLD = `CASE WHEN c.answer_status = 0 AND c.kind = 'notify' THEN 200 ELSE c.answer_status END AS answer_status`

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
      const since = firstIdAt(sinceMs)
      const rows = await rowsOf<StoredGuard>(
        pool,
        `SELECT guard_key, body_hash, c.id AS callback_id, result, ${TOLD},
           coalesce(a.content_type, '') AS answer_content_type, a.body AS answer_body
         FROM callbacks AS c LEFT JOIN answers AS a ON a.id = c.id
         WHERE c.id > $1 AND guard_key <> '' ORDER BY c.id LIMIT ${GUARDS_AT_ONCE}`,
        [after === '' ? await idBefore(pool, since, most) : after],
      )
      return rows.map((row) =>
        Object.assign(row, {
          answer_body: row.answer_body === null ? undefined : Uint8Array.from(row.answer_body),
        }),
      )
    },
    events: (sinceMs) =>
      rowsOf<EventRow>(
        pool,
        `SELECT route, call_id, event, raw_event, body_hash, id AS callback_id, result, ${TOLD} FROM callbacks AS c
         WHERE id >= $1 AND kind = 'notify' AND call_id <> '' AND duplicate_of = '' ORDER BY id DESC LIMIT ${MOST_EVENTS}`,
        [firstIdAt(sinceMs)],
      ),
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

/** The id that `count` newer ones follow; `since` when there are not as many since then. */
async function idBefore(pool: Pool, since: string, count: number): Promise<string> {
  const [row] = await rowsOf<{ id: string }>(
    pool,
    'SELECT id FROM callbacks WHERE id >= $1 ORDER BY id DESC LIMIT 1 OFFSET $2',
    [since, count],
  )
  return row?.id ?? since
}
