// What a batch runs, each prepared once a connection. Rows come as one JSON text: the plan does not depend on how many
// there are, and a round trip carries them all. Bytes come beside it as one piece, cut up by offset and length.

/** 0 rows when this batch is in the ledger already. */
export const ADVANCE = `UPDATE writers SET ticket = $2, callbacks = callbacks + $3, refusals = refusals + $4,
    bytes = bytes + $5, seen_at = now() WHERE number = $1 AND ticket < $2`
export const BLOCK = `INSERT INTO blocks (block, committed_at, is_packed, data) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING`
export const CALLBACKS = `INSERT INTO callbacks SELECT * FROM json_populate_recordset(NULL::callbacks, $1)
  ON CONFLICT DO NOTHING`
// A writer that was given up for dead may come back with what really happened.
export const ATTEMPTS = `INSERT INTO attempts SELECT * FROM json_populate_recordset(NULL::attempts, $1)
  ON CONFLICT (callback_id, number) DO UPDATE SET target = excluded.target, url = excluded.url, via = excluded.via,
    started_at = excluded.started_at, outcome = excluded.outcome, status = excluded.status, dns_ms = excluded.dns_ms,
    connect_ms = excluded.connect_ms, tls_ms = excluded.tls_ms, first_byte_ms = excluded.first_byte_ms,
    total_ms = excluded.total_ms, error = excluded.error, resent = excluded.resent, block = excluded.block,
    slot = excluded.slot`
export const REFUSALS = `INSERT INTO refusals SELECT * FROM json_populate_recordset(NULL::refusals, $1)
  ON CONFLICT DO NOTHING`
/** Only the newest stay, so that strangers cannot fill the disk. */
export const TRIM_REFUSALS = `WITH gone AS (DELETE FROM refusals WHERE id IN (SELECT id FROM refusals ORDER BY id
    LIMIT greatest(0, (SELECT sum(refusals) FROM writers) - $2)) RETURNING 1)
  UPDATE writers SET refusals = refusals - (SELECT count(*) FROM gone) WHERE number = $1`
export const KEEP = `INSERT INTO inbox (id, route, lane, state, received_at, due_at, is_behind, tried_at, tries,
    lease_until, fence, writer, reason, ended_at, bytes, record)
  SELECT id, route, lane, state, received_at, due_at, false, $2, 0, 0, 0, $3, reason, ended_at, size,
    substring($4::bytea FROM start FOR size)
  FROM json_to_recordset($1) AS n(id text, route text, lane text, state text, received_at bigint, due_at bigint,
    reason text, ended_at bigint, start integer, size integer)
  ON CONFLICT DO NOTHING`
const HELD = `i.id = n.id AND (n.fence = 0 OR i.fence = n.fence)`
export const WAIT = `UPDATE inbox AS i SET tries = i.tries + (i.state = 'waiting')::integer, state = 'waiting',
    due_at = n.due_at, tried_at = $2, lease_until = 0, holder = NULL
  FROM json_to_recordset($1) AS n(id text, fence integer, due_at bigint) WHERE ${HELD}
  RETURNING i.id, i.lane, i.tries`
export const BURY = `UPDATE inbox AS i SET state = 'dead', reason = n.reason, ended_at = $2, lease_until = 0, holder = NULL
  FROM json_to_recordset($1) AS n(id text, fence integer, reason text) WHERE ${HELD}
  RETURNING i.id, i.lane`
export const LET_GO = `DELETE FROM inbox WHERE id = ANY($1::text[]) RETURNING id, lane, state`
export const ANSWERS = `INSERT INTO answers (id, content_type, body)
  SELECT id, content_type, substring($2::bytea FROM start FOR size)
  FROM json_to_recordset($1) AS n(id text, content_type text, start integer, size integer)
  ON CONFLICT (id) DO UPDATE SET content_type = excluded.content_type, body = excluded.body`
// Later deliveries change what became of the callback, not what the provider was told at the time nor who was to blame.
export const CHANGES = `WITH n AS (SELECT * FROM json_to_recordset($1) AS n(id text, attempts integer, last_outcome text,
    is_settled boolean, result text, blame text, answer_status integer, answer_ms double precision)),
  changed AS (UPDATE callbacks AS c SET
    attempts = greatest(c.attempts, n.attempts),
    last_outcome = CASE WHEN n.last_outcome = '' THEN c.last_outcome ELSE n.last_outcome END,
    result = CASE WHEN n.is_settled THEN n.result ELSE c.result END,
    blame = CASE WHEN NOT n.is_settled OR (c.result <> 'pending' AND n.blame = '') THEN c.blame ELSE n.blame END,
    answer_status = CASE WHEN n.is_settled AND c.result = 'pending' THEN n.answer_status ELSE c.answer_status END,
    answer_ms = CASE WHEN n.is_settled AND c.result = 'pending' THEN n.answer_ms ELSE c.answer_ms END
  FROM n JOIN callbacks AS before ON before.id = n.id WHERE c.id = n.id
  RETURNING c.id, c.received_at, c.route, c.event, c.call_id, n.is_settled AND before.result = 'pending' AS is_first)
  SELECT id, received_at, route, event, call_id FROM changed WHERE is_first`

/** Whoever changes the order inside a call does so alone; the last one sees what the others did. */
export const LOCK_LANES = `SELECT pg_advisory_xact_lock(key) FROM
  (SELECT DISTINCT hashtextextended(lane, 0) AS key FROM unnest($1::text[]) AS lane ORDER BY 1) AS keys`
const HEADS = (lanes: string) =>
  `(SELECT lane, min(id) AS id FROM inbox WHERE state = 'waiting' AND lane = ANY(${lanes}::text[]) GROUP BY lane)`
/** What came to wait stands behind earlier ones; where it is the earliest, later ones that nobody holds stand behind it. */
export const LANES_JOINED = `UPDATE inbox AS i SET is_behind = true FROM ${HEADS('$1')} AS head
  WHERE i.lane = head.lane AND i.state = 'waiting' AND i.id > head.id AND (i.id = ANY($2::text[])
    OR (head.id = ANY($2::text[]) AND NOT i.is_behind AND i.lease_until = 0))`
/** Where one left, the oldest that is left is due now. */
export const LANES_LEFT = `UPDATE inbox AS i SET is_behind = false, due_at = $2 FROM ${HEADS('$1')} AS head
  WHERE i.id = head.id AND i.is_behind`

/** For the other replicas. */
export const DECIDED = `INSERT INTO decided (writer, ticket, facts) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`

export const ROLLUPS = `INSERT INTO rollups AS r
  SELECT span, start, route, $2, callbacks, failed, last_received_at, last_success_at, latency
  FROM json_to_recordset($1) AS n(span integer, start bigint, route text, callbacks integer, failed integer,
    last_received_at bigint, last_success_at bigint, latency integer[])
  ON CONFLICT (span, start, route, writer) DO UPDATE SET callbacks = r.callbacks + excluded.callbacks,
    failed = r.failed + excluded.failed, last_received_at = greatest(r.last_received_at, excluded.last_received_at),
    last_success_at = greatest(r.last_success_at, excluded.last_success_at),
    latency = (SELECT array_agg(a + b ORDER BY place)
      FROM unnest(r.latency, excluded.latency) WITH ORDINALITY AS cell(a, b, place))`

// Streaks are shared: whoever folds holds their rows until the commit. Always in the same order, against deadlocks.
export const STREAKS_BEGUN = `INSERT INTO streaks
  SELECT route, target, '' FROM json_to_recordset($1) AS n(route text, target text) ORDER BY route, target
  ON CONFLICT DO NOTHING`
export const STREAKS_HELD = `SELECT route, target, streak FROM streaks WHERE (route, target) IN
  (SELECT route, target FROM json_to_recordset($1) AS n(route text, target text)) ORDER BY route, target FOR UPDATE`
export const STREAKS_FOLDED = `UPDATE streaks AS s SET streak = n.streak
  FROM json_to_recordset($1) AS n(route text, target text, streak text)
  WHERE s.route = n.route AND s.target = n.target`
