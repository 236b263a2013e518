/*
 * Ids are ULIDs: time-ordered, so every table and index that leads with one grows at its end.
 * A call id is random, and an index over random keys would touch a page for each row; so callbacks are numbered in
 * buckets of a few thousand, and a call is looked up by its hash bucket by bucket: appends stay within a few pages.
 */
export const LEDGER_TABLES = `
CREATE TABLE callbacks (
  id TEXT PRIMARY KEY,
  received_at INTEGER NOT NULL,
  route TEXT NOT NULL,
  account TEXT NOT NULL,
  event TEXT NOT NULL,
  raw_event TEXT NOT NULL,
  call_id TEXT NOT NULL,
  call_hash INTEGER,
  bucket INTEGER,
  kind TEXT NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  verdict TEXT NOT NULL,
  result TEXT NOT NULL,
  blame TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  last_outcome TEXT NOT NULL,
  answer_status INTEGER NOT NULL,
  answer_ms REAL NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  body_bytes INTEGER NOT NULL,
  duplicate_of TEXT NOT NULL,
  peer TEXT NOT NULL,
  traceparent TEXT NOT NULL,
  guard_key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  block INTEGER,
  slot INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX callbacks_by_route ON callbacks (route, id);
CREATE INDEX callbacks_by_event ON callbacks (event, id);
CREATE INDEX callbacks_by_call ON callbacks (bucket, call_hash) WHERE call_hash IS NOT NULL;
CREATE INDEX callbacks_retried ON callbacks (id) WHERE attempts > 1;
CREATE INDEX callbacks_by_result ON callbacks (result, id) WHERE result NOT IN ('delivered', 'pending');
CREATE INDEX callbacks_by_route_result ON callbacks (route, result, id) WHERE result NOT IN ('delivered', 'pending');

CREATE TABLE attempts (
  callback_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  target TEXT NOT NULL,
  url TEXT NOT NULL,
  via TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  status INTEGER NOT NULL,
  dns_ms REAL,
  connect_ms REAL,
  tls_ms REAL,
  first_byte_ms REAL,
  total_ms REAL,
  error TEXT NOT NULL,
  resent INTEGER NOT NULL,
  block INTEGER,
  slot INTEGER,
  PRIMARY KEY (callback_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE blocks (
  block INTEGER PRIMARY KEY,
  committed_at INTEGER NOT NULL,
  is_packed INTEGER NOT NULL,
  data BLOB NOT NULL
) STRICT;
CREATE INDEX blocks_by_age ON blocks (committed_at);

CREATE TABLE inbox (
  id TEXT NOT NULL UNIQUE,
  route TEXT NOT NULL,
  lane TEXT NOT NULL,
  state TEXT NOT NULL,
  can_wait INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  is_behind INTEGER NOT NULL,
  tried_at INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  reason TEXT NOT NULL,
  ended_at INTEGER,
  bytes INTEGER NOT NULL,
  record BLOB NOT NULL
) STRICT;
CREATE INDEX inbox_pending ON inbox (id) WHERE state = 'pending';
CREATE INDEX inbox_due ON inbox (route, due_at) WHERE state = 'waiting' AND is_behind = 0;
CREATE INDEX inbox_behind ON inbox (route, id) WHERE state = 'waiting' AND is_behind = 1;
CREATE INDEX inbox_leased ON inbox (id) WHERE lease_until > 0;
CREATE INDEX inbox_lanes ON inbox (lane, id) WHERE state = 'waiting';
CREATE INDEX inbox_dead ON inbox (id) WHERE state = 'dead';
CREATE INDEX inbox_backlog ON inbox (route, state, received_at, bytes) WHERE state <> 'pending';

CREATE TABLE answers (
  id TEXT PRIMARY KEY,
  content_type TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE refusals (
  id TEXT PRIMARY KEY,
  received_at INTEGER NOT NULL,
  route TEXT NOT NULL,
  reason TEXT NOT NULL,
  status INTEGER NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  peer TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE streaks (
  route TEXT NOT NULL,
  target TEXT NOT NULL,
  streak TEXT NOT NULL,
  PRIMARY KEY (route, target)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollups (
  span INTEGER NOT NULL,
  start INTEGER NOT NULL,
  route TEXT NOT NULL,
  callbacks INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  last_received_at INTEGER NOT NULL,
  last_success_at INTEGER NOT NULL,
  tallies TEXT NOT NULL,
  latency BLOB NOT NULL,
  PRIMARY KEY (span, start, route)
) STRICT, WITHOUT ROWID;

CREATE TABLE registrations (
  token TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  call_id TEXT NOT NULL,
  route TEXT NOT NULL,
  target TEXT NOT NULL,
  fallback_target TEXT NOT NULL,
  method TEXT NOT NULL,
  events TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE state (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  session TEXT NOT NULL,
  ticket INTEGER NOT NULL,
  callbacks INTEGER NOT NULL,
  refusals INTEGER NOT NULL,
  received INTEGER NOT NULL,
  block INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, '', 0, 0, 0, 0, 0);
`
