import type { DatabaseSync } from 'node:sqlite'

import type { RefusalRecord } from '../../codec/records.ts'
import { redactTarget } from '../../redact.ts'

/** Requests that were not let in; only the newest `limit` of them, so that strangers cannot fill the disk. */
export interface RefusalTable {
  insert(refusal: RefusalRecord): void
  /** Deletes the oldest. */
  dropOldest(count: number): void
}

export function createRefusalTable(db: DatabaseSync): RefusalTable {
  const insert = db.prepare(`INSERT OR REPLACE INTO refusals
    (id, received_at, route, reason, status, method, path, peer) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
  const drop = db.prepare('DELETE FROM refusals WHERE id IN (SELECT id FROM refusals ORDER BY id LIMIT ?)')
  return {
    insert({ id, receivedAt, route, reason, status, method, path, peer }) {
      insert.run(id, receivedAt, route, reason, status, method, redactTarget(path, ''), peer)
    },
    dropOldest: (count) => void drop.run(count),
  }
}
