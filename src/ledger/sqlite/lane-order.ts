import type { DatabaseSync } from 'node:sqlite'

/**
 * Keeps all but the oldest waiting callback of a call out of what is due (`is_behind`), so that a long queue of one
 * call costs no more than a short one.
 */
export interface LaneOrder {
  /** A callback came to wait: it stands behind earlier ones, and later ones that nobody holds stand behind it. */
  joined(lane: string, id: string): void
  /** One left: the oldest that is left is due now. */
  left(lane: string, nowMs: number): void
}

export function createLaneOrder(db: DatabaseSync): LaneOrder {
  const waiting = `lane = ? AND state = 'waiting'`
  const earlier = db.prepare(`SELECT 1 FROM inbox WHERE ${waiting} AND id < ? LIMIT 1`)
  const stepBack = db.prepare(`UPDATE inbox SET is_behind = 1 WHERE id = ?`)
  const pushBack = db.prepare(
    `UPDATE inbox SET is_behind = 1 WHERE ${waiting} AND id > ? AND is_behind = 0 AND lease_until = 0`,
  )
  const promote = db.prepare(`UPDATE inbox SET is_behind = 0, due_at = ?
    WHERE id = (SELECT id FROM inbox WHERE ${waiting} ORDER BY id LIMIT 1) AND is_behind = 1`)
  return {
    joined(lane, id) {
      if (lane === id) return
      if (earlier.get(lane, id) === undefined) pushBack.run(lane, id)
      else stepBack.run(id)
    },
    left(lane, nowMs) {
      promote.run(nowMs, lane)
    },
  }
}
