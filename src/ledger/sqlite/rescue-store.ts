import type { DatabaseSync } from 'node:sqlite'

import { firstIdAt } from '../../callback/id.ts'
import type { Synchronous } from '../alert-store.ts'
import type { Backlog, Lane, Leased, RescueQueue } from '../rescue-queue.ts'
import { createDeadLetters } from './dead-letters.ts'
import { keptExchangeOf } from '../stored/kept-exchange.ts'

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
  const heads = `FROM inbox AS i LEFT JOIN callbacks AS c ON c.id = i.id
    WHERE i.route = ? AND i.state = 'waiting' AND i.is_behind = 0`
  const columns = 'i.id, i.fence, i.tries, i.record, c.attempts'
  const due = db.prepare(`SELECT ${columns} ${heads} AND i.due_at <= ? ORDER BY i.due_at, i.id LIMIT ?`)
  const hurried =
    db.prepare(`SELECT ${columns} ${heads} AND i.tried_at < ? AND i.due_at > ? AND i.lease_until <= ?
    ORDER BY i.tried_at, i.id LIMIT ?`)
  const lease = db.prepare(
    'UPDATE inbox SET due_at = ?, lease_until = ?, tried_at = ?, fence = fence + 1 WHERE id = ?',
  )
  const release = db.prepare(`UPDATE inbox SET due_at = ?, lease_until = 0, fence = fence + 1
    WHERE id = ? AND fence = ? AND state = 'waiting'`)
  const letGo = db.prepare(`UPDATE inbox SET is_behind = 0, due_at = ?
    WHERE route = ? AND state = 'waiting' AND is_behind = 1 AND id < ?`)
  const next = db.prepare(
    `SELECT min(due_at) AS at FROM inbox WHERE route = ? AND state = 'waiting' AND is_behind = 0`,
  )

  const rowsOf = (
    nowMs: number,
    { route, limit, triedBefore }: { route: string; limit: number; triedBefore?: number | undefined },
  ): readonly DueRow[] => {
    const rows = due.all(route, nowMs, limit)
    if (triedBefore !== undefined && rows.length < limit)
      rows.push(...hurried.all(route, triedBefore, nowMs, nowMs, limit - rows.length))
    return rows as unknown as readonly DueRow[]
  }

  return {
    ...createDeadLetters(db),
    ...createCounts(db),
    take({ nowMs, leaseMs, orderWaitMs, wanted }) {
      const leased: Leased[] = []
      let nextDueAt: number | undefined
      for (const each of wanted) {
        letGo.run(nowMs, each.route, firstIdAt(nowMs - orderWaitMs))
        const rows = rowsOf(nowMs, each)
        for (const { id } of rows) lease.run(nowMs + leaseMs, nowMs + leaseMs, nowMs, id)
        leased.push(...rows.map(leasedOf))
        const at = next.get(each.route)?.['at']
        if (typeof at === 'number') nextDueAt = Math.min(at, nextDueAt ?? at)
      }
      return { leased, nextDueAt }
    },
    release(leases) {
      for (const { id, fence, dueAt } of leases) release.run(dueAt, id, fence)
    },
  }
}

function createCounts(db: DatabaseSync): Pick<Synchronous<RescueQueue>, 'backlog' | 'lanes'> {
  const backlog = db.prepare(`SELECT route, sum(state = 'waiting') AS waiting, sum(state = 'dead') AS dead,
    sum(bytes) AS bytes, min(iif(state = 'waiting', received_at, NULL)) AS oldest_at
    FROM inbox WHERE state <> 'pending' GROUP BY route`)
  const lanes = db.prepare(`SELECT route, iif(lane = id, '', substr(lane, length(route) + 2)) AS call_id,
    count(*) AS waiting, sum(bytes) AS bytes, min(received_at) AS oldest_at
    FROM inbox WHERE state = 'waiting' GROUP BY 1, 2`)
  return {
    backlog: () =>
      (backlog.all() as unknown as StoredBacklog[]).map((row) =>
        Object.assign(row, { oldest_at: row.oldest_at ?? undefined }),
      ),
    lanes: () => lanes.all() as unknown as Lane[],
  }
}

type StoredBacklog = Omit<Backlog, 'oldest_at'> & { readonly oldest_at: number | null }

function leasedOf({ fence, tries, attempts, record }: DueRow): Leased {
  return { kept: keptExchangeOf(record, attempts ?? 0), retries: tries, fence: fence + 1 }
}
