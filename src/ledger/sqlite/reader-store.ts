import type { DatabaseSync } from 'node:sqlite'

import type { Streak, StreakRow } from '../../callback/streak.ts'
import type { EventPage, GuardPage } from '../ledger.ts'
import type {
  AttemptRow,
  CallbackDetail,
  CallbackFilter,
  CallbackRow,
  CallbackWithAttempts,
  Page,
  PageForm,
  PageText,
  RouteStretch,
  RouteSummary,
} from '../rows.ts'
import { newestFirst } from '../stored/callback-filter.ts'
import { createCallbackQuery } from './queries/callback-query.ts'
import { cursorOf } from '../stored/cursor.ts'
import { pageTextOf } from '../stored/page-text.ts'
import { createDetailQuery } from './queries/detail-query.ts'
import { createGuardQuery } from './queries/guard-query.ts'
import { pragma } from './migrations.ts'
import { createRefusalQuery } from './queries/refusal-query.ts'
import { createHistoryQuery, createRouteQuery } from './queries/route-query.ts'

/** The reading side as it runs on the reader thread: LedgerReader without promises. */
export interface ReaderStore {
  callbacks(filter: CallbackFilter): Page<CallbackRow>
  pageText(filter: CallbackFilter, form: PageForm): PageText
  callback(id: string): CallbackDetail | undefined
  attempts(id: string): readonly AttemptRow[]
  withAttempts(ids: readonly string[]): readonly CallbackWithAttempts[]
  call(callId: string): readonly CallbackRow[]
  routes(sinceMs: number): readonly RouteSummary[]
  history(sinceMs: number, stepMs: number): readonly RouteStretch[]
  guards(sinceMs: number, most: number, after: string): GuardPage
  events(sinceMs: number, most: number, after: string): EventPage
  streaks(): readonly StreakRow[]
  counts(): { readonly callbacks: number; readonly bytes: number }
}

/** For the near side, which must not wait for the thread to learn them. */
export const readerMethods = [
  'callbacks',
  'pageText',
  'callback',
  'attempts',
  'withAttempts',
  'call',
  'routes',
  'history',
  'guards',
  'events',
  'streaks',
  'counts',
] as const satisfies readonly (keyof ReaderStore)[]

const MOST_ROWS = 1000

export function createReaderStore(db: DatabaseSync): ReaderStore {
  const callbacks = createCallbackQuery(db)
  const refusals = createRefusalQuery(db)
  const details = createDetailQuery(db)
  const streaks = db.prepare('SELECT route, target, streak FROM streaks ORDER BY route, target DESC')
  const count = db.prepare('SELECT callbacks FROM state')

  const list = (filter: CallbackFilter): Page<CallbackRow> => {
    const limit = Math.max(1, Math.min(MOST_ROWS, filter.limit))
    const bounded = { ...filter, limit }
    const found = [...callbacks.list(bounded), ...refusals.list(bounded)].sort(newestFirst)
    const rows = found.slice(0, limit)
    const last = rows.at(-1)
    return { rows, next: found.length > limit && last !== undefined ? cursorOf(last.id) : null }
  }

  return {
    callbacks: list,
    pageText: (filter, form) => pageTextOf(list(filter), form, filter),
    callback(id) {
      const row = callbacks.one(id)
      if (row !== undefined) {
        const [request, attempt_rows] = [details.request(id), details.attempts(id)]
        return { ...row, next_attempt_at: details.nextAttemptAt(id), request, attempt_rows }
      }
      const refused = refusals.one(id)
      return refused === undefined ? undefined : { ...refused, request: null, attempt_rows: [] }
    },
    attempts: (id) => details.attempts(id),
    withAttempts: (ids) =>
      callbacks.several(ids).map((row) => Object.assign(row, { attempt_rows: details.attempts(row.id) })),
    call: (callId) => (callId === '' ? [] : callbacks.ofCall(callId)),
    routes: createRouteQuery(db),
    history: createHistoryQuery(db),
    ...createGuardQuery(db),
    streaks: () =>
      streaks.all().map(({ route, target, streak }) => ({
        route: String(route),
        target: String(target),
        streak: JSON.parse(String(streak)) as Streak,
      })),
    counts: () => ({
      callbacks: Number(count.get()?.['callbacks'] ?? 0),
      bytes: (pragma(db, 'page_count') - pragma(db, 'freelist_count')) * pragma(db, 'page_size'),
    }),
  }
}
