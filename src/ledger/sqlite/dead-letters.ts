import type { DatabaseSync } from 'node:sqlite'

import type { Synchronous } from '../alert-store.ts'
import { decodeKeptBytes } from '../codec/decode.ts'
import type { DeadLetter, KeptExchange, Requeued, RescueQueue } from '../rescue-queue.ts'
import { keptExchangeOf } from '../stored/kept-exchange.ts'
import { createLaneOrder } from './lane-order.ts'

type DeadLetters = Pick<Synchronous<RescueQueue>, 'requeue' | 'discard' | 'deadLetters' | 'kept'>

interface DeadRow {
  readonly record: Uint8Array
  readonly reason: string
  readonly ended_at: number | null
  readonly attempts: number | null
}

/** The end of the rescue queue: callbacks that were given up, until people decide. */
export function createDeadLetters(db: DatabaseSync): DeadLetters {
  const requeue = db.prepare(`UPDATE inbox SET state = 'waiting', reason = '', ended_at = NULL, due_at = ?,
    is_behind = 0, tried_at = 0, tries = 0, lease_until = 0, fence = fence + 1 WHERE id = ? AND state = 'dead'
    RETURNING route, lane, bytes`)
  const discard = db.prepare(`DELETE FROM inbox WHERE id = ? AND state = 'dead'`)
  const settle = db.prepare('UPDATE callbacks SET result = ?, note = ? WHERE id = ?')
  const columns = `FROM inbox AS i LEFT JOIN callbacks AS c ON c.id = i.id`
  const list = db.prepare(`SELECT i.record, i.reason, i.ended_at, c.attempts ${columns}
    WHERE i.state = 'dead' AND (? IS NULL OR i.route = ?) AND (? IS NULL OR i.id < ?) ORDER BY i.id DESC LIMIT ?`)
  const one = db.prepare(`SELECT i.record, c.attempts ${columns} WHERE i.id = ? AND i.state = 'dead'`)
  const order = createLaneOrder(db)

  const requeueOne = (id: string, reason: string, nowMs: number): readonly Requeued[] => {
    const row = requeue.get(nowMs, id)
    if (row === undefined) return []
    const [route, lane] = [String(row['route']), String(row['lane'])]
    order.joined(lane, id)
    settle.run('rescued', reason, id)
    return [
      { id, route, call_id: lane === id ? '' : lane.slice(route.length + 1), bytes: Number(row['bytes']) },
    ]
  }
  return {
    // The oldest first, so that each call is in order again before anything of it is handed out.
    requeue: (ids, reason, nowMs) => ids.toSorted().flatMap((id) => requeueOne(id, reason, nowMs)),
    discard(ids, reason) {
      const gone = ids.filter((id) => discard.run(id).changes !== 0)
      for (const id of gone) settle.run('dead', reason, id)
      return gone
    },
    deadLetters: ({ route = null, after = null, limit }) =>
      (list.all(route, route, after, after, limit) as unknown as readonly DeadRow[]).map(deadLetterOf),
    kept: (ids) =>
      ids.flatMap((id): readonly KeptExchange[] => {
        const row = one.get(id)
        return row === undefined
          ? []
          : [keptExchangeOf(row['record'] as Uint8Array, Number(row['attempts'] ?? 0))]
      }),
  }
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
