import {
  type ReplayItem,
  type ReplayReport,
  type ReplayRow,
  type ReplayStore,
  sendableStates,
} from '../../replay-store.ts'
import { inTransaction, jsonRows, type Pool, type Queryable, rowsOf } from '../connection.ts'

const MOST_REPLAYS = 100
const CUT_OFF = 'Ringback ended while this attempt was under way; the handler may or may not have seen it'
const COLUMNS = 'id, state, created_at, ended_at, reason'

interface StateGroup {
  readonly state: string
  readonly count: number
  readonly oldest_at: number
  readonly newest_at: number
}

/** Replays, each run by the process that began it; every replica can tell of all. */
export function createReplays(pool: Pool, writer: number): ReplayStore {
  return {
    begin: (replay, items) =>
      inTransaction(pool, async (db) => {
        const { id, state, created_at, ended_at, reason } = replay
        await rowsOf(db, `INSERT INTO replays (${COLUMNS}, writer) VALUES ($1, $2, $3, $4, $5, $6)`, [
          id,
          state,
          created_at,
          ended_at,
          reason,
          writer,
        ])
        await db.query(
          `INSERT INTO replay_items SELECT $1, id, call_id, event, received_at, state, outcome
           FROM json_populate_recordset(NULL::replay_items, $2)`,
          [id, jsonRows(items)],
        )
        await forgetOld(db)
      }),
    async change(replay, changes) {
      await pool.query(
        `UPDATE replay_items AS i SET state = n.state, outcome = n.outcome
         FROM json_to_recordset($2) AS n(id text, state text, outcome text) WHERE i.replay = $1 AND i.id = n.id`,
        [replay, jsonRows(changes)],
      )
    },
    async end(replay, state, endedAt) {
      await pool.query('UPDATE replays SET state = $2, ended_at = $3 WHERE id = $1', [replay, state, endedAt])
    },
    interrupt: (nowMs) => inTransaction(pool, (db) => interruptReplays(db, writer, nowMs)),
    async get(replay, mostItems) {
      const [row] = await rowsOf<ReplayRow>(pool, `SELECT ${COLUMNS} FROM replays WHERE id = $1`, [replay])
      return row && reportOf(pool, row, mostItems)
    },
    async list() {
      const rows = await rowsOf<ReplayRow>(pool, `SELECT ${COLUMNS} FROM replays ORDER BY id DESC`)
      return Promise.all(rows.map((row) => reportOf(pool, row, 0)))
    },
  }
}

/**
 * Ends what a process left running as `interrupted`: what it was sending stands as `delivered` where the ledger knows
 * so, else as `unknown`, with an attempt that says so. @returns how many replays there were
 */
export async function interruptReplays(db: Queryable, writer: number, nowMs: number): Promise<number> {
  const sending = `FROM replay_items AS i JOIN replays AS r ON r.id = i.replay
    WHERE r.writer = $1 AND r.state = 'running' AND i.state = 'sending'`
  await db.query(
    `UPDATE replay_items SET state = 'delivered', outcome = 'ok' WHERE (replay, id) IN (
       SELECT i.replay, i.id ${sending} AND EXISTS (SELECT 1 FROM attempts AS a
         WHERE a.callback_id = i.id AND a.via = 'replay' AND a.outcome = 'ok' AND a.started_at >= r.created_at))`,
    [writer],
  )
  await db.query(
    `INSERT INTO attempts (callback_id, number, target, url, via, started_at, outcome, status, error, resent)
     SELECT c.id, c.attempts + 1, 'primary', coalesce((SELECT url FROM attempts AS a WHERE a.callback_id = c.id
       ORDER BY number DESC LIMIT 1), ''), 'replay', $2::bigint, 'unknown', 0, $3::text, false
     FROM callbacks AS c WHERE c.id IN (SELECT i.id ${sending}) ON CONFLICT DO NOTHING`,
    [writer, nowMs, CUT_OFF],
  )
  await db.query(
    `UPDATE callbacks SET attempts = attempts + 1, last_outcome = 'unknown' WHERE id IN (SELECT i.id ${sending})`,
    [writer],
  )
  await db.query(
    `UPDATE replay_items SET state = 'unknown', outcome = 'unknown'
     WHERE (replay, id) IN (SELECT i.replay, i.id ${sending})`,
    [writer],
  )
  const ended = await db.query(
    `UPDATE replays SET state = 'interrupted', ended_at = $2 WHERE writer = $1 AND state = 'running'`,
    [writer, nowMs],
  )
  return ended.rowCount ?? 0
}

async function forgetOld(db: Queryable): Promise<void> {
  const old = `SELECT id FROM replays WHERE state <> 'running' ORDER BY id DESC OFFSET ${MOST_REPLAYS}`
  await db.query(`DELETE FROM replay_items WHERE replay IN (${old})`)
  await db.query(`DELETE FROM replays WHERE id IN (${old})`)
}

async function reportOf(db: Queryable, row: ReplayRow, mostItems: number): Promise<ReplayReport> {
  const groups = await rowsOf<StateGroup>(
    db,
    `SELECT state, count(*) AS count, min(received_at) AS oldest_at, max(received_at) AS newest_at
     FROM replay_items WHERE replay = $1 GROUP BY state ORDER BY state`,
    [row.id],
  )
  const items = await rowsOf<ReplayItem>(
    db,
    `SELECT id, call_id, event, received_at, state, outcome FROM replay_items WHERE replay = $1 ORDER BY id LIMIT $2`,
    [row.id, mostItems],
  )
  const sent = groups.filter(({ state }) => sendableStates.includes(state))
  return {
    ...row,
    total: groups.reduce((sum, { count }) => sum + count, 0),
    counts: Object.fromEntries(groups.map(({ state, count }) => [state, count])),
    oldest_at: sent.length === 0 ? null : Math.min(...sent.map(({ oldest_at }) => oldest_at)),
    newest_at: sent.length === 0 ? null : Math.max(...sent.map(({ newest_at }) => newest_at)),
    items,
  }
}
