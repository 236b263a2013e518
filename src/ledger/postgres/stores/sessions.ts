import { hostname } from 'node:os'

import { countOf, inTransaction, type Pool, type Queryable, rowsOf } from '../connection.ts'
import { endLeases, settleCutOff } from './recovery.ts'
import { interruptReplays } from './replays.ts'

/** A process that was not seen for so long is taken for dead: longer than any outage of the database that it survives quietly. */
const SILENT_MS = 10_000
/** What the dead wrote is added to writer 0 after a day, and their rows go. */
const FORGET_AFTER = '1 day'

/** Signs a process in. @returns its number among all that ever wrote */
export async function signIn(db: Queryable, session: string): Promise<number> {
  const [row] = await rowsOf<{ number: number }>(
    db,
    `INSERT INTO writers (session, host) VALUES ($1, $2)
     ON CONFLICT (session) DO UPDATE SET seen_at = now() RETURNING number`,
    [session, hostname()],
  )
  if (row === undefined) throw new Error('the ledger did not number this process')
  return row.number
}

/** It is alive, and not to be given up. */
export async function seen(db: Queryable, writer: number): Promise<void> {
  await db.query('UPDATE writers SET seen_at = now(), is_settled = false WHERE number = $1', [writer])
}

/** It ends in order: whoever comes next need not wait to settle what it left. */
export async function signOut(db: Queryable, writer: number): Promise<void> {
  await db.query(`UPDATE writers SET seen_at = '-infinity' WHERE number = $1`, [writer])
}

/**
 * Settles what processes left that are gone: callbacks under way stand as `unknown`, leases are free. Any number of
 * replicas may call this at once; each of the dead is taken by one of them.
 *
 * @returns how many processes there were
 */
export async function settleDead(pool: Pool, writer: number, nowMs: number): Promise<number> {
  let total = 0
  for (;;) {
    const isOne = await inTransaction(pool, async (db) => {
      const [dead] = await rowsOf<{ number: number }>(
        db,
        `SELECT number FROM writers WHERE NOT is_settled AND number <> $1
           AND seen_at < now() - make_interval(secs => $2::double precision / 1000)
         ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED`,
        [writer, SILENT_MS],
      )
      if (dead === undefined) return false
      await settleCutOff(db, { dead: dead.number, writer, nowMs })
      await endLeases(db, dead.number, nowMs)
      await interruptReplays(db, dead.number, nowMs)
      await db.query('UPDATE writers SET is_settled = true WHERE number = $1', [dead.number])
      return true
    })
    if (!isOne) return total
    total++
  }
}

/** Adds up what writers counted that are long gone. */
export async function forgetDead(pool: Pool): Promise<number> {
  return countOf(
    pool,
    `WITH gone AS (DELETE FROM writers WHERE is_settled AND number <> 0 AND started_at < now() - $1::interval
         AND seen_at < now() - $1::interval RETURNING callbacks, refusals, bytes),
       sums AS (SELECT coalesce(sum(callbacks), 0) AS callbacks, coalesce(sum(refusals), 0) AS refusals,
         coalesce(sum(bytes), 0) AS bytes FROM gone)
     UPDATE writers AS w SET callbacks = w.callbacks + s.callbacks, refusals = w.refusals + s.refusals,
       bytes = w.bytes + s.bytes FROM sums AS s WHERE w.number = 0 AND EXISTS (SELECT 1 FROM gone)`,
    [FORGET_AFTER],
  )
}
