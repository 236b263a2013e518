import { decodeKeptBytes } from '../../codec/decode.ts'
import type { DeadLetter, RescueQueue } from '../../rescue-queue.ts'
import { keptExchangeOf } from '../../stored/kept-exchange.ts'
import { inTransaction, type Pool, type Queryable, rowsOf } from '../connection.ts'
import { LANES_JOINED, LOCK_LANES } from '../writer/statements.ts'

interface DeadRow {
  readonly record: Uint8Array
  readonly reason: string
  readonly ended_at: number | null
  readonly attempts: number | null
}

interface Requeued {
  readonly id: string
  readonly route: string
  readonly lane: string
  readonly bytes: number
}

/** The end of the rescue queue: callbacks that were given up, until people decide. */
export function createDeadLetters(
  pool: Pool,
): Pick<RescueQueue, 'requeue' | 'discard' | 'deadLetters' | 'kept'> {
  return {
    requeue: (ids, reason, nowMs) =>
      inTransaction(pool, async (db) => {
        const rows = await rowsOf<Requeued>(
          db,
          `UPDATE inbox SET state = 'waiting', reason = '', ended_at = NULL, due_at = $2, is_behind = false, tried_at = 0,
             tries = 0, lease_until = 0, holder = NULL, fence = fence + 1
           WHERE id = ANY($1::text[]) AND state = 'dead' RETURNING id, route, lane, bytes`,
          [ids, nowMs],
        )
        const ofCalls = rows.filter(({ id, lane }) => lane !== id)
        const lanes = ofCalls.map(({ lane }) => lane)
        await db.query(LOCK_LANES, [lanes])
        await db.query(LANES_JOINED, [lanes, ofCalls.map(({ id }) => id)])
        await note(db, rows, 'rescued', reason)
        return rows
          .toSorted((a, b) => (a.id < b.id ? -1 : 1))
          .map(({ id, route, lane, bytes }) => ({
            id,
            route,
            call_id: lane === id ? '' : lane.slice(route.length + 1),
            bytes,
          }))
      }),
    discard: (ids, reason) =>
      inTransaction(pool, async (db) => {
        const gone = await rowsOf<{ id: string }>(
          db,
          `DELETE FROM inbox WHERE id = ANY($1::text[]) AND state = 'dead' RETURNING id`,
          [ids],
        )
        await note(db, gone, 'dead', reason)
        return gone.map(({ id }) => id)
      }),
    async deadLetters({ route = null, after = null, limit }) {
      const rows = await rowsOf<DeadRow>(
        pool,
        `SELECT i.record, i.reason, i.ended_at, c.attempts FROM inbox AS i LEFT JOIN callbacks AS c ON c.id = i.id
         WHERE i.state = 'dead' AND ($1::text IS NULL OR i.route = $1) AND ($2::text IS NULL OR i.id < $2)
         ORDER BY i.id DESC LIMIT $3`,
        [route, after, limit],
      )
      return rows.map(deadLetterOf)
    },
    async kept(ids) {
      const rows = await rowsOf<Pick<DeadRow, 'record' | 'attempts'>>(
        pool,
        `SELECT i.record, c.attempts FROM inbox AS i LEFT JOIN callbacks AS c ON c.id = i.id
         WHERE i.id = ANY($1::text[]) AND i.state = 'dead' ORDER BY array_position($1::text[], i.id)`,
        [ids],
      )
      return rows.map(({ record, attempts }) => keptExchangeOf(record, attempts ?? 0))
    },
  }
}

async function note(
  db: Queryable,
  rows: readonly { readonly id: string }[],
  result: string,
  reason: string,
): Promise<void> {
  await rowsOf(db, 'UPDATE callbacks SET result = $2, note = $3 WHERE id = ANY($1::text[])', [
    rows.map(({ id }) => id),
    result,
    reason,
  ])
}

/** What a list shows of a dead letter. */
function deadLetterOf(row: DeadRow): DeadLetter {
  const { id, route, receivedAt, facts } = decodeKeptBytes(row.record)
  return {
    id,
    route,
    event: facts.event,
    call_id: facts.callId,
    received_at: receivedAt,
    dead_at: row.ended_at ?? receivedAt,
    reason: row.reason,
    attempts: row.attempts ?? 0,
  }
}
