/** Tables of incidents and of the outbox; safe to run again. */
export const ALERT_TABLES = `
CREATE TABLE IF NOT EXISTS incidents (
  id TEXT PRIMARY KEY,
  rule TEXT NOT NULL,
  route TEXT NOT NULL,
  target TEXT NOT NULL,
  target_label TEXT NOT NULL,
  severity TEXT NOT NULL,
  reason TEXT NOT NULL,
  since INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  closed_at INTEGER,
  close_reason TEXT NOT NULL DEFAULT '',
  value REAL NOT NULL,
  callbacks INTEGER NOT NULL DEFAULT 0,
  first_failure TEXT NOT NULL DEFAULT 'null',
  recent_failures TEXT NOT NULL DEFAULT '[]',
  told_at INTEGER NOT NULL,
  reminders INTEGER NOT NULL DEFAULT 0,
  acked_by TEXT NOT NULL DEFAULT '',
  ack_comment TEXT NOT NULL DEFAULT '',
  acked_until INTEGER NOT NULL DEFAULT 0,
  cause TEXT NOT NULL DEFAULT '',
  places TEXT NOT NULL DEFAULT '[]',
  context TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS incidents_open ON incidents (rule, route, target) WHERE closed_at IS NULL;
CREATE INDEX IF NOT EXISTS incidents_opened ON incidents (opened_at);

CREATE TABLE IF NOT EXISTS silences (
  id TEXT PRIMARY KEY,
  route TEXT NOT NULL,
  rule TEXT NOT NULL,
  target TEXT NOT NULL,
  severity TEXT NOT NULL,
  comment TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  starts_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS markers (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  text TEXT NOT NULL,
  created_by TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS incident_callbacks (
  incident_id TEXT NOT NULL,
  callback_id TEXT NOT NULL,
  PRIMARY KEY (incident_id, callback_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS notifications (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  incident_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending',
  created_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  sent_at INTEGER,
  last_error TEXT NOT NULL DEFAULT '',
  message TEXT NOT NULL,
  merged_message TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS notifications_waiting ON notifications (channel, due_at) WHERE state IN ('pending', 'sending');
CREATE INDEX IF NOT EXISTS notifications_of ON notifications (incident_id);
`
