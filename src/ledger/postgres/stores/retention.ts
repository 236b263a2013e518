import { setTimeout as pause } from 'node:timers/promises'

import { firstIdAt, timeOfId } from '../../../callback/id.ts'
import type { Retention } from '../../ledger.ts'
import { countOf, inTransaction, type Pool, type Queryable, rowsOf } from '../connection.ts'
import { ROW_BYTES } from '../sizes.ts'

const CALLBACKS_A_STEP = 250
const REFUSALS_A_STEP = 250
const BLOCKS_A_STEP = 100
const PAUSE_MS = 5
/** One replica prunes at a time; the number is arbitrary. */
const LOCK = 0x52_42_50_52

interface Step {
  readonly deleted: number
  /** Where the next step begins: where this one did, while messages or refusals are left over; undefined at the end. */
  readonly next: string | undefined
}

/**
 * Deletes by age and then by size, oldest first, in small transactions: one that runs long would keep vacuum from its
 * work. Partitions by day would go faster, but what waits to be delivered stays, however old, and stands in all of them.
 */
export function createRetention(pool: Pool): Retention {
  const prune = async (beforeMs: number, isEnough: () => Promise<boolean>): Promise<number> => {
    let total = 0
    let after = ''
    for (;;) {
      const step = await inTransaction(pool, (db) => pruneStep(db, { beforeMs, after }))
      if (step === undefined) return total
      total += step.deleted
      // Where messages are left over, what is deleted has not made all its room yet.
      if (step.next === undefined || (step.next !== after && (await isEnough()))) return total
      after = step.next
      await pause(PAUSE_MS)
    }
  }
  return {
    async prune({ beforeMs, maxBytes, nowMs }) {
      const fits = async (): Promise<boolean> => (await usedBy(pool)).bytes <= maxBytes
      const byAge = await prune(beforeMs, () => Promise.resolve(false))
      return (await fits()) ? byAge : byAge + (await prune(nowMs, fits))
    },
  }
}

/** Rows there are, and bytes they take; see sizes.ts. */
export async function usedBy(db: Queryable): Promise<{ readonly callbacks: number; readonly bytes: number }> {
  const [used] = await rowsOf<{ callbacks: string; bytes: string }>(
    db,
    'SELECT sum(callbacks) AS callbacks, sum(bytes) AS bytes FROM writers',
  )
  return { callbacks: Number(used?.callbacks ?? 0), bytes: Math.max(0, Number(used?.bytes ?? 0)) }
}

/** @returns undefined while another replica prunes */
async function pruneStep(
  db: Queryable,
  { beforeMs, after }: { readonly beforeMs: number; readonly after: string },
): Promise<Step | undefined> {
  const [lock] = await rowsOf<{ got: boolean }>(db, 'SELECT pg_try_advisory_xact_lock($1) AS got', [LOCK])
  if (lock?.got !== true) return undefined
  const [oldest] = await rowsOf<{ id: string | null }>(
    db,
    `SELECT max(id) AS id FROM (SELECT id FROM callbacks WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3) AS oldest`,
    [after, firstIdAt(beforeMs), CALLBACKS_A_STEP],
  )
  const last = oldest?.id ?? undefined
  // Messages of a block arrived before it was written, so every block from before the oldest callback goes.
  const goneMs = last === undefined ? beforeMs : timeOfId(last)
  const blocks = await rowsOf<{ size: number }>(
    db,
    `DELETE FROM blocks WHERE block IN (SELECT block FROM blocks WHERE committed_at < $1 ORDER BY committed_at LIMIT $2)
     RETURNING octet_length(data) AS size`,
    [goneMs, BLOCKS_A_STEP],
  )
  const refusals = await countOf(
    db,
    'DELETE FROM refusals WHERE id IN (SELECT id FROM refusals WHERE id < $1 ORDER BY id LIMIT $2)',
    [firstIdAt(goneMs), REFUSALS_A_STEP],
  )
  await db.query('DELETE FROM rollups WHERE start < $1::bigint - span', [goneMs])
  // A callback has more blocks than one where batches are small: it goes when they are gone, else they pile up.
  const isRest = blocks.length === BLOCKS_A_STEP || refusals === REFUSALS_A_STEP
  const { callbacks, attempts } =
    isRest || last === undefined ? NOTHING : await deleteCallbacks(db, after, last)
  const bytes =
    callbacks * ROW_BYTES.callback +
    attempts * ROW_BYTES.attempt +
    blocks.reduce((sum, { size }) => sum + size, 0)
  await db.query(
    'UPDATE writers SET callbacks = callbacks - $1, refusals = refusals - $2, bytes = bytes - $3 WHERE number = 0',
    [callbacks, refusals, bytes],
  )
  return { deleted: callbacks, next: isRest ? after : last }
}

const NOTHING = { callbacks: 0, attempts: 0 }

/** All from one id up to another, except what still waits to be delivered or is with its handler. */
async function deleteCallbacks(db: Queryable, after: string, last: string): Promise<typeof NOTHING> {
  const range = [after, last]
  const kept = `(SELECT id FROM inbox WHERE id > $1 AND id <= $2 AND state <> 'dead')`
  const callbacks = await countOf(
    db,
    `DELETE FROM callbacks WHERE id > $1 AND id <= $2 AND id NOT IN ${kept}`,
    range,
  )
  const attempts = await countOf(
    db,
    `DELETE FROM attempts WHERE callback_id > $1 AND callback_id <= $2 AND callback_id NOT IN ${kept}`,
    range,
  )
  await db.query(`DELETE FROM inbox WHERE id > $1 AND id <= $2 AND state = 'dead'`, range)
  return { callbacks, attempts }
}
