import type { DatabaseSync } from 'node:sqlite'

import type { Synchronous } from '../alert-store.ts'
import { decodeKeptBytes } from '../codec/decode.ts'
import type { DeadLetter, RescueQueue } from '../rescue-queue.ts'

type DeadLetters = Pick<Synchronous<RescueQueue>, 'bury' | 'requeue' | 'discard' | 'deadLetters'>

interface DeadRow {
  readonly record: Uint8Array
  readonly reason: string
  readonly ended_at: number | null
  readonly attempts: number | null
}

/** The end of the rescue queue: callbacks that were given up, until people decide. */
export function createDeadLetters(db: DatabaseSync): DeadLetters {
  const bury = db.prepare(`UPDATE inbox SET state = 'dead', reason = ?, ended_at = ?, fence = fence + 1
    WHERE id = ? AND fence = ? AND state = 'waiting'`)
  const requeue =
    db.prepare(`UPDATE inbox SET state = 'waiting', reason = '', ended_at = NULL, due_at = ?, tries = 0,
    fence = fence + 1 WHERE id = ? AND state = 'dead'`)
  const discard = db.prepare(`DELETE FROM inbox WHERE id = ? AND state = 'dead'`)
  const settle = db.prepare('UPDATE callbacks SET result = ?, note = ? WHERE id = ?')
  const list = db.prepare(`SELECT i.record, i.reason, i.ended_at, c.attempts FROM inbox AS i
    LEFT JOIN callbacks AS c ON c.id = i.id
    WHERE i.state = 'dead' AND (? IS NULL OR i.route = ?) ORDER BY i.id DESC LIMIT ?`)

  return {
    bury(id, fence, reason, nowMs) {
      if (bury.run(reason, nowMs, id, fence).changes === 0) return false
      settle.run('dead', '', id)
      return true
    },
    requeue(ids, reason, nowMs) {
      const back = ids.filter((id) => requeue.run(nowMs, id).changes !== 0)
      for (const id of back) settle.run('rescued', reason, id)
      return back.length
    },
    discard(ids, reason) {
      const gone = ids.filter((id) => discard.run(id).changes !== 0)
      for (const id of gone) settle.run('dead', reason, id)
      return gone.length
    },
    deadLetters: ({ route, limit }) =>
      (list.all(route ?? null, route ?? null, limit) as unknown as readonly DeadRow[]).map(deadLetterOf),
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
