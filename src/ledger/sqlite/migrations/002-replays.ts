/*
 * What is hurried when a target is back is found by when it was last tried. Replays survive the process that runs them:
 * each with its request, and each of its callbacks with what became of it.
 */
export const REPLAY_TABLES = `
CREATE INDEX inbox_tried ON inbox (route, tried_at) WHERE state = 'waiting' AND is_behind = 0;

CREATE TABLE replays (
  id TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE replay_items (
  replay TEXT NOT NULL,
  id TEXT NOT NULL,
  call_id TEXT NOT NULL,
  event TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  outcome TEXT NOT NULL,
  PRIMARY KEY (replay, id)
) STRICT, WITHOUT ROWID;
`
