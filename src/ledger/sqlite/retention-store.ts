import type { DatabaseSync } from 'node:sqlite'

import { firstIdAt, timeOfId } from '../../callback/id.ts'
import { SPANS } from '../stored/route-sums.ts'
import { pragma } from './migrations.ts'

/** One small step of retention: short enough that a waiting batch does not notice. */
export interface RetentionStore {
  /** Deletes the next callbacks that arrived before a moment, with all that belongs to them. */
  pruneStep(step: PruneStep): Pruned
  /** Bytes in use: pages of the file that are not free. */
  bytes(): number
}

export interface PruneStep {
  readonly beforeMs: number
  /** Where the step before ended; empty at first. */
  readonly after: string
}

export interface Pruned {
  readonly deleted: number
  /** Where the next step begins: where this one did, while messages or refusals are left over; undefined at the end. */
  readonly next: string | undefined
  readonly bytes: number
}

const CALLBACKS_A_STEP = 50
const REFUSALS_A_STEP = 50
const BLOCKS_A_STEP = 40

export function createRetentionStore(db: DatabaseSync): RetentionStore {
  const select = db.prepare('SELECT id FROM callbacks WHERE id > ? AND id < ? ORDER BY id LIMIT ?')
  // What still waits to be delivered stays, however old, and what is with its handler: a crash must find its trace.
  const kept = `(SELECT id FROM inbox WHERE id > ?1 AND id <= ?2 AND state <> 'dead'
    UNION ALL SELECT id FROM callbacks WHERE id > ?1 AND id <= ?2 AND result = 'pending')`
  const gone = `callbacks WHERE id > ?1 AND id <= ?2 AND id NOT IN ${kept}`
  const calls = db.prepare(
    `DELETE FROM calls WHERE (bucket, hash, id) IN (SELECT bucket, call_hash, id FROM ${gone})`,
  )
  const routeEvents = db.prepare(
    `DELETE FROM route_events WHERE (route, event, id) IN (SELECT route, event, id FROM ${gone})`,
  )
  const callbacks = db.prepare(`DELETE FROM ${gone}`)
  const attempts = db.prepare(
    `DELETE FROM attempts WHERE callback_id > ?1 AND callback_id <= ?2 AND callback_id NOT IN ${kept}`,
  )
  const dead = db.prepare(`DELETE FROM inbox WHERE id > ? AND id <= ? AND state = 'dead'`)
  const blocks = db.prepare(`DELETE FROM blocks WHERE block IN
    (SELECT block FROM blocks WHERE committed_at < ? ORDER BY committed_at LIMIT ?)`)
  const refusals = db.prepare(
    'DELETE FROM refusals WHERE id IN (SELECT id FROM refusals WHERE id < ? ORDER BY id LIMIT ?)',
  )
  const rollups = db.prepare('DELETE FROM rollups WHERE start < ? AND span = ?')
  const count = db.prepare('UPDATE state SET callbacks = callbacks - ?, refusals = refusals - ?')

  const bytes = (): number =>
    (pragma(db, 'page_count') - pragma(db, 'freelist_count')) * pragma(db, 'page_size')

  const deleteCallbacks = (after: string, last: string): number => {
    calls.run(after, last)
    routeEvents.run(after, last)
    const { changes } = callbacks.run(after, last)
    attempts.run(after, last)
    dead.run(after, last)
    return Number(changes)
  }

  return {
    pruneStep({ beforeMs, after }) {
      const before = firstIdAt(beforeMs)
      const found = select.all(after, before, CALLBACKS_A_STEP).at(-1)?.['id']
      const last = found === undefined ? undefined : String(found)
      // Messages of a block arrived before it was written, so every block from before the oldest callback goes.
      const goneMs = last === undefined ? beforeMs : timeOfId(last)
      const messages = Number(blocks.run(goneMs, BLOCKS_A_STEP).changes)
      const refused = Number(refusals.run(firstIdAt(goneMs), REFUSALS_A_STEP).changes)
      for (const span of Object.values(SPANS)) rollups.run(goneMs - span, span)
      // A callback has more blocks than one where batches are small: it goes when they are gone, else they pile up.
      const isRest = messages === BLOCKS_A_STEP || refused === REFUSALS_A_STEP
      const deleted = isRest || last === undefined ? 0 : deleteCallbacks(after, last)
      count.run(deleted, refused)
      return { deleted, next: isRest ? after : last, bytes: bytes() }
    },
    bytes,
  }
}
