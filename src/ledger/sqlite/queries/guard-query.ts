import type { DatabaseSync } from 'node:sqlite'

import { firstIdAt } from '../../../callback/id.ts'
import type { EventRow, GuardRow } from '../../ledger.ts'

/** What the guards against replays and repeats remember after a start. */
export interface GuardQuery {
  guards(sinceMs: number, most: number, after: string): readonly GuardRow[]
  events(sinceMs: number): readonly EventRow[]
}

type StoredGuard = Omit<GuardRow, 'answer_body'> & { readonly answer_body: Uint8Array | null }

const GUARDS_AT_ONCE = 10_000
const MOST_EVENTS = 100_000

/**
 * What a repeat is told. A callback that a crash cut off has told nothing yet: one that waits is answered for its
 * handler, any other is tried again.
 */
const TOLD = `iif(c.answer_status = 0 AND c.kind = 'notify', 200, c.answer_status) AS answer_status`

export function createGuardQuery(db: DatabaseSync): GuardQuery {
  const guards = db.prepare(`SELECT guard_key, body_hash, c.id AS callback_id, result, ${TOLD},
      coalesce(a.content_type, '') AS answer_content_type, a.body AS answer_body
    FROM callbacks AS c LEFT JOIN answers AS a ON a.id = c.id
    WHERE c.id > ? AND guard_key <> '' ORDER BY c.id LIMIT ${GUARDS_AT_ONCE}`)
  const before = db.prepare('SELECT id FROM callbacks WHERE id >= ? ORDER BY id DESC LIMIT 1 OFFSET ?')
  const events =
    db.prepare(`SELECT route, call_id, event, raw_event, body_hash, id AS callback_id, result, ${TOLD}
    FROM callbacks AS c
    WHERE id >= ? AND kind = 'notify' AND call_id <> '' AND duplicate_of = ''
    ORDER BY id DESC LIMIT ${MOST_EVENTS}`)
  return {
    guards(sinceMs, most, after) {
      const since = firstIdAt(sinceMs)
      const from = after === '' ? String(before.get(since, most)?.['id'] ?? since) : after
      return (guards.all(from) as unknown as StoredGuard[]).map((row) =>
        Object.assign(row, { answer_body: row.answer_body ?? undefined }),
      )
    },
    events: (sinceMs) => events.all(firstIdAt(sinceMs)) as unknown as readonly EventRow[],
  }
}
