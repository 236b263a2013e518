import type { DatabaseSync } from 'node:sqlite'

import { firstIdAt } from '../../../callback/id.ts'
import type { EventPage, GuardPage } from '../../ledger.ts'
import {
  COLUMN_END,
  eventColumns,
  guardColumns,
  IS_EVENT,
  ROW_END,
  ROWS_AT_ONCE,
} from '../../stored/guard-text.ts'

/** What the guards against replays and repeats remember after a start. */
export interface GuardQuery {
  guards(sinceMs: number, most: number, after: string): GuardPage
  events(sinceMs: number, most: number, after: string): EventPage
}

export function createGuardQuery(db: DatabaseSync): GuardQuery {
  const guards = db.prepare(pageOf(guardColumns, `guard_key <> ''`))
  const answers = db.prepare('SELECT id, content_type, body FROM answers WHERE id > ? AND id <= ?')
  const newest = db.prepare('SELECT id FROM callbacks WHERE id >= ? ORDER BY id DESC LIMIT 1 OFFSET ?')
  const events = db.prepare(pageOf(eventColumns, IS_EVENT))
  const newestEvents = db.prepare(
    `SELECT id FROM callbacks WHERE id >= ? AND ${IS_EVENT} ORDER BY id DESC LIMIT 1 OFFSET ?`,
  )
  return {
    guards(sinceMs, most, after) {
      const since = firstIdAt(sinceMs)
      const from = after === '' ? String(newest.get(since, most)?.['id'] ?? since) : after
      const page = guards.get(from) as unknown as EventPage
      return { ...page, answers: answers.all(from, page.last) as unknown as GuardPage['answers'] }
    },
    events(sinceMs, most, after) {
      const since = firstIdAt(sinceMs)
      const from = after === '' ? String(newestEvents.get(since, most)?.['id'] ?? since) : after
      return events.get(from) as unknown as EventPage
    },
  }
}

/** Rows with ids after one, as one text. */
function pageOf(columns: readonly string[], condition: string): string {
  return `SELECT coalesce(group_concat(line, char(${ROW_END})), '') AS rows, coalesce(max(id), '') AS last FROM (
    SELECT id, ${columns.join(` || char(${COLUMN_END}) || `)} AS line FROM callbacks
    WHERE id > ? AND ${condition} ORDER BY id LIMIT ${ROWS_AT_ONCE})`
}
