import type { DatabaseSync } from 'node:sqlite'

import type { Synchronous } from '../alert-store.ts'
import { decodeKeptBytes } from '../codec/decode.ts'
import type { Backlog, Leased, RescueQueue } from '../rescue-queue.ts'
import { createDeadLetters } from './dead-letters.ts'

/** The head of a lane: no earlier callback of the same call waits. */
const IS_HEAD = `NOT EXISTS
  (SELECT 1 FROM inbox AS earlier WHERE earlier.state = 'waiting' AND earlier.lane = i.lane AND earlier.id < i.id)`

interface DueRow {
  readonly id: string
  readonly fence: number
  readonly tries: number
  readonly attempts: number | null
  readonly record: Uint8Array
}

/**
 * The rescue queue over the inbox. A lease moves the time a callback is due to the end of the lease and raises its
 * fence: when its holder is gone it simply becomes due again.
 */
export function createRescueStore(db: DatabaseSync): Synchronous<RescueQueue> {
  const due = db.prepare(`SELECT i.id, i.fence, i.tries, i.record, c.attempts FROM inbox AS i
    LEFT JOIN callbacks AS c ON c.id = i.id
    WHERE i.state = 'waiting' AND i.due_at <= ? AND (? IS NULL OR i.route IN (SELECT value FROM json_each(?)))
      AND ${IS_HEAD} ORDER BY i.due_at, i.id LIMIT ?`)
  const lease = db.prepare('UPDATE inbox SET due_at = ?, fence = fence + 1 WHERE id = ?')
  const held = `WHERE id = ? AND fence = ? AND state = 'waiting'`
  const reschedule = db.prepare(`UPDATE inbox SET due_at = ?, tries = tries + 1, fence = fence + 1 ${held}`)
  const release = db.prepare(`UPDATE inbox SET due_at = received_at, fence = fence + 1 ${held}`)
  const backlog = db.prepare(`SELECT route, sum(state = 'waiting') AS waiting, sum(state = 'dead') AS dead,
    sum(bytes) AS bytes, min(iif(state = 'waiting', received_at, NULL)) AS oldest_at
    FROM inbox WHERE state <> 'pending' GROUP BY route`)
  const lanes = db.prepare(`SELECT route, iif(lane = id, '', substr(lane, length(route) + 2)) AS call_id,
    count(*) AS waiting FROM inbox WHERE state = 'waiting' GROUP BY lane`)
  const next = db.prepare(
    `SELECT due_at FROM inbox AS i WHERE i.state = 'waiting' AND ${IS_HEAD} ORDER BY i.due_at LIMIT 1`,
  )
  const dead = createDeadLetters(db)

  return {
    ...dead,
    take({ nowMs, leaseMs, limit, routes }) {
      const wanted = routes === undefined ? null : JSON.stringify(routes)
      const rows = due.all(nowMs, wanted, wanted, limit) as unknown as readonly DueRow[]
      for (const { id } of rows) lease.run(nowMs + leaseMs, id)
      return rows.map(leasedOf)
    },
    reschedule: (id, fence, dueAt) => reschedule.run(dueAt, id, fence).changes !== 0,
    release: (id, fence) => void release.run(id, fence),
    backlog: () =>
      (backlog.all() as unknown as StoredBacklog[]).map((row) =>
        Object.assign(row, { oldest_at: row.oldest_at ?? undefined }),
      ),
    lanes: () => lanes.all() as unknown as { route: string; call_id: string; waiting: number }[],
    nextDueAt() {
      const row = next.get()
      return row === undefined ? undefined : Number(row['due_at'])
    },
  }
}

type StoredBacklog = Omit<Backlog, 'oldest_at'> & { readonly oldest_at: number | null }

function leasedOf({ fence, tries, attempts, record }: DueRow): Leased {
  const kept = decodeKeptBytes(record)
  return {
    callback: {
      id: kept.id,
      receivedAt: kept.receivedAt,
      startedAt: 0, // the monotonic clock of its arrival may be that of another process
      method: kept.method,
      path: kept.path,
      query: kept.query,
      rawHeaders: kept.rawHeaders,
      body: Uint8Array.from(kept.body),
      peer: kept.peer,
    },
    route: kept.route,
    event: kept.facts.event,
    call_id: kept.facts.callId,
    attempts: attempts ?? 0,
    retries: tries,
    traceparent: kept.traceparent,
    fence: fence + 1,
  }
}
