import type { DatabaseSync } from 'node:sqlite'

import type { Synchronous } from '../../alert-store.ts'
import {
  type ReplayItem,
  type ReplayReport,
  type ReplayRow,
  type ReplayStore,
  sendableStates,
} from '../../replay-store.ts'

const MOST_REPLAYS = 100
const CUT_OFF = 'Ringback ended while this attempt was under way; the handler may or may not have seen it'

export function createReplayStore(db: DatabaseSync): Synchronous<ReplayStore> {
  return { ...createReplayWrites(db), ...createReplayReads(db), interrupt: createInterrupt(db) }
}

type Writes = Pick<Synchronous<ReplayStore>, 'begin' | 'change' | 'end'>

function createReplayWrites(db: DatabaseSync): Writes {
  const insert = db.prepare(
    'INSERT INTO replays (id, state, created_at, ended_at, reason) VALUES (?, ?, ?, ?, ?)',
  )
  const insertItem = db.prepare(
    'INSERT INTO replay_items (replay, id, call_id, event, received_at, state, outcome) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const old = `SELECT id FROM replays WHERE state <> 'running' ORDER BY id DESC LIMIT -1 OFFSET ${MOST_REPLAYS}`
  const forgetItems = db.prepare(`DELETE FROM replay_items WHERE replay IN (${old})`)
  const forget = db.prepare(`DELETE FROM replays WHERE id IN (${old})`)
  const change = db.prepare('UPDATE replay_items SET state = ?, outcome = ? WHERE replay = ? AND id = ?')
  const end = db.prepare('UPDATE replays SET state = ?, ended_at = ? WHERE id = ?')
  return {
    begin({ id, state, created_at, ended_at, reason }, items) {
      insert.run(id, state, created_at, ended_at, reason)
      for (const item of items) {
        insertItem.run(id, item.id, item.call_id, item.event, item.received_at, item.state, item.outcome)
      }
      forgetItems.run()
      forget.run()
    },
    change(replay, changes) {
      for (const { id, state, outcome } of changes) change.run(state, outcome, replay, id)
    },
    end: (replay, state, endedAt) => void end.run(state, endedAt, replay),
  }
}

/** Runs before anything is sent: whatever stands as running or sending was cut off. */
function createInterrupt(db: DatabaseSync): Synchronous<ReplayStore>['interrupt'] {
  const sending = `FROM replay_items AS i JOIN replays AS r ON r.id = i.replay
    WHERE r.state = 'running' AND i.state = 'sending'`
  const taken =
    db.prepare(`UPDATE replay_items SET state = 'delivered', outcome = 'ok' WHERE (replay, id) IN (
    SELECT i.replay, i.id ${sending} AND EXISTS (SELECT 1 FROM attempts AS a
      WHERE a.callback_id = i.id AND a.via = 'replay' AND a.outcome = 'ok' AND a.started_at >= r.created_at))`)
  const attempt = db.prepare(`INSERT INTO attempts
    (callback_id, number, target, url, via, started_at, outcome, status, error, resent)
    SELECT c.id, c.attempts + 1, 'primary', coalesce((SELECT url FROM attempts AS a WHERE a.callback_id = c.id
      ORDER BY number DESC LIMIT 1), ''), 'replay', ?, 'unknown', 0, '${CUT_OFF}', 0
    FROM callbacks AS c WHERE c.id IN (SELECT i.id ${sending})`)
  const count = db.prepare(`UPDATE callbacks SET attempts = attempts + 1, last_outcome = 'unknown'
    WHERE id IN (SELECT i.id ${sending})`)
  const unknown = db.prepare(`UPDATE replay_items SET state = 'unknown', outcome = 'unknown'
    WHERE (replay, id) IN (SELECT i.replay, i.id ${sending})`)
  const end = db.prepare(`UPDATE replays SET state = 'interrupted', ended_at = ? WHERE state = 'running'`)
  return (nowMs) => {
    taken.run()
    attempt.run(nowMs)
    count.run()
    unknown.run()
    return Number(end.run(nowMs).changes)
  }
}

type Reads = Pick<Synchronous<ReplayStore>, 'get' | 'list'>

function createReplayReads(db: DatabaseSync): Reads {
  const columns = 'SELECT id, state, created_at, ended_at, reason FROM replays'
  const one = db.prepare(`${columns} WHERE id = ?`)
  const all = db.prepare(`${columns} ORDER BY id DESC`)
  const counts = db.prepare(`SELECT state, count(*) AS count, min(received_at) AS oldest_at,
    max(received_at) AS newest_at FROM replay_items WHERE replay = ? GROUP BY state ORDER BY state`)
  const items = db.prepare(`SELECT id, call_id, event, received_at, state, outcome FROM replay_items
    WHERE replay = ? ORDER BY id LIMIT ?`)
  const reportOf = (row: ReplayRow, mostItems: number): ReplayReport => {
    const groups = counts.all(row.id) as unknown as readonly StateGroup[]
    const sent = groups.filter(({ state }) => sendableStates.includes(state))
    return {
      ...row,
      total: groups.reduce((sum, { count }) => sum + count, 0),
      counts: Object.fromEntries(groups.map(({ state, count }) => [state, count])),
      oldest_at: sent.length === 0 ? null : Math.min(...sent.map(({ oldest_at }) => oldest_at)),
      newest_at: sent.length === 0 ? null : Math.max(...sent.map(({ newest_at }) => newest_at)),
      items: mostItems === 0 ? [] : (items.all(row.id, mostItems) as unknown as readonly ReplayItem[]),
    }
  }
  return {
    get(replay, mostItems) {
      const row = one.get(replay) as unknown as ReplayRow | undefined
      return row && reportOf(row, mostItems)
    },
    list: () => (all.all() as unknown as readonly ReplayRow[]).map((row) => reportOf(row, 0)),
  }
}

interface StateGroup {
  readonly state: string
  readonly count: number
  readonly oldest_at: number
  readonly newest_at: number
}
