/** Incidents, what people said of them, and the outbox. */
export const ALERT_TABLES = `
CREATE TABLE incidents (
  id text COLLATE "C" PRIMARY KEY,
  rule text NOT NULL,
  route text NOT NULL,
  target text NOT NULL,
  target_label text NOT NULL,
  severity text NOT NULL,
  reason text NOT NULL,
  since bigint NOT NULL,
  opened_at bigint NOT NULL,
  closed_at bigint,
  close_reason text NOT NULL DEFAULT '',
  value double precision NOT NULL,
  callbacks integer NOT NULL DEFAULT 0,
  first_failure text NOT NULL,
  recent_failures text NOT NULL,
  told_at bigint NOT NULL,
  reminders integer NOT NULL DEFAULT 0,
  acked_by text NOT NULL DEFAULT '',
  ack_comment text NOT NULL DEFAULT '',
  acked_until bigint NOT NULL DEFAULT 0,
  cause text NOT NULL,
  places text NOT NULL,
  context text NOT NULL
);
CREATE UNIQUE INDEX incidents_open ON incidents (rule, route, target) WHERE closed_at IS NULL;
CREATE INDEX incidents_opened ON incidents (opened_at);

CREATE TABLE incident_callbacks (
  incident_id text COLLATE "C" NOT NULL,
  callback_id text COLLATE "C" NOT NULL,
  PRIMARY KEY (incident_id, callback_id)
);

CREATE TABLE silences (
  id text PRIMARY KEY,
  route text NOT NULL,
  rule text NOT NULL,
  target text NOT NULL,
  severity text NOT NULL,
  comment text NOT NULL,
  created_by text NOT NULL,
  created_at bigint NOT NULL,
  starts_at bigint NOT NULL,
  expires_at bigint NOT NULL
);

CREATE TABLE markers (
  id text PRIMARY KEY,
  at bigint NOT NULL,
  text text NOT NULL,
  created_by text NOT NULL
);

CREATE TABLE notifications (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text NOT NULL UNIQUE,
  incident_id text NOT NULL,
  channel text NOT NULL,
  kind text NOT NULL,
  state text NOT NULL DEFAULT 'pending',
  created_at bigint NOT NULL,
  due_at bigint NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  sent_at bigint,
  last_error text NOT NULL DEFAULT '',
  message text NOT NULL,
  merged_message text NOT NULL DEFAULT ''
);
CREATE INDEX notifications_waiting ON notifications (channel, due_at) WHERE state IN ('pending', 'sending');
CREATE INDEX notifications_of ON notifications (incident_id);
`
