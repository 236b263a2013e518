import { firstIdAt } from '../../../callback/id.ts'
import type { Backlog, Lane, Leased, RescueQueue, Taken, Wanted } from '../../rescue-queue.ts'
import { keptExchangeOf } from '../../stored/kept-exchange.ts'
import { inTransaction, type Pool, type Queryable, rowsOf } from '../connection.ts'
import { createDeadLetters } from './dead-letters.ts'

interface LeasedRow {
  readonly fence: number
  readonly tries: number
  readonly attempts: number | null
  readonly record: Uint8Array
}

/**
 * The rescue queue over the inbox. A lease moves the time a callback is due to the end of the lease and raises its
 * fence: when its holder is gone it simply becomes due again. What another replica takes at this moment is passed over.
 */
export function createRescueStore(pool: Pool, writer: number): RescueQueue {
  return {
    ...createDeadLetters(pool),
    take: ({ nowMs, leaseMs, orderWaitMs, wanted }) =>
      inTransaction(pool, async (db): Promise<Taken> => {
        const leased: Leased[] = []
        const routes = wanted.map(({ route }) => route)
        await letGo(db, routes, { nowMs, before: firstIdAt(nowMs - orderWaitMs) })
        for (const each of wanted) {
          const rows = await lease(db, each, { nowMs, until: nowMs + leaseMs, holder: writer })
          leased.push(...rows.map(leasedOf))
        }
        const [next] = await rowsOf<{ at: number | null }>(
          db,
          `SELECT min(due_at) AS at FROM inbox WHERE route = ANY($1::text[]) AND state = 'waiting' AND NOT is_behind`,
          [routes],
        )
        return { leased, nextDueAt: next?.at ?? undefined }
      }),
    async release(leases) {
      await pool.query(
        `UPDATE inbox AS i SET due_at = n."dueAt", lease_until = 0, holder = NULL, fence = i.fence + 1
         FROM json_to_recordset($1) AS n(id text, fence integer, "dueAt" bigint)
         WHERE i.id = n.id AND i.fence = n.fence AND i.state = 'waiting'`,
        [JSON.stringify(leases)],
      )
    },
    async backlog() {
      const rows = await rowsOf<Omit<Backlog, 'oldest_at'> & { readonly oldest_at: number | null }>(
        pool,
        `SELECT route, count(*) FILTER (WHERE state = 'waiting') AS waiting,
           count(*) FILTER (WHERE state = 'dead') AS dead, sum(bytes) AS bytes,
           min(received_at) FILTER (WHERE state = 'waiting') AS oldest_at
         FROM inbox WHERE state <> 'pending' GROUP BY route ORDER BY route`,
      )
      return rows.map((row) => Object.assign(row, { oldest_at: row.oldest_at ?? undefined }))
    },
    lanes: () =>
      rowsOf<Lane>(
        pool,
        `SELECT route, CASE WHEN lane = id THEN '' ELSE substr(lane, length(route) + 2) END AS call_id,
           count(*) AS waiting, sum(bytes) AS bytes, min(received_at) AS oldest_at
         FROM inbox WHERE state = 'waiting' GROUP BY 1, 2 ORDER BY 1, 2`,
      ),
  }
}

/** What has waited behind others of its call for too long waits for them no more. */
async function letGo(
  db: Queryable,
  routes: readonly string[],
  { nowMs, before }: { readonly nowMs: number; readonly before: string },
): Promise<void> {
  await db.query(
    `UPDATE inbox SET is_behind = false, due_at = $2
     WHERE route = ANY($1::text[]) AND state = 'waiting' AND is_behind AND id < $3`,
    [routes, nowMs, before],
  )
}

async function lease(
  db: Queryable,
  { route, limit, triedBefore }: Wanted,
  { nowMs, until, holder }: { readonly nowMs: number; readonly until: number; readonly holder: number },
): Promise<readonly LeasedRow[]> {
  const due =
    triedBefore === undefined
      ? 'due_at <= $2'
      : 'lease_until <= $2 AND (due_at <= $2 OR tried_at < $6::bigint)'
  return rowsOf<LeasedRow>(
    db,
    `WITH due AS (SELECT id, due_at FROM inbox WHERE route = $1 AND state = 'waiting' AND NOT is_behind AND ${due}
         ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED),
       leased AS (UPDATE inbox AS i SET due_at = $4, lease_until = $4, tried_at = $2, fence = i.fence + 1, holder = $5
         FROM due WHERE i.id = due.id
         RETURNING i.id, i.fence, i.tries, i.record, due.due_at AS was_due_at)
     SELECT leased.fence, leased.tries, leased.record, c.attempts
     FROM leased LEFT JOIN callbacks AS c ON c.id = leased.id ORDER BY leased.was_due_at, leased.id`,
    [route, nowMs, limit, until, holder, ...(triedBefore === undefined ? [] : [triedBefore])],
  )
}

function leasedOf({ fence, tries, attempts, record }: LeasedRow): Leased {
  return { kept: keptExchangeOf(record, attempts ?? 0), retries: tries, fence }
}
