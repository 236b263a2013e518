import {
  type FailureRow,
  type IncidentFilter,
  type IncidentImpact,
  type IncidentProgress,
  type IncidentRow,
  MAX_INCIDENT_CALLBACKS,
} from '../../alert-store.ts'
import { countOf, jsonRows, type Queryable, rowsOf } from '../connection.ts'

/** Incidents as they lie in the table: what has parts is JSON. */
type Stored = Omit<IncidentRow, 'first_failure' | 'recent_failures' | 'places' | 'context'> & {
  readonly first_failure: string
  readonly recent_failures: string
  readonly places: string
  readonly context: string
}

/** More would take too long to sum up. */
const MOST_OF_IMPACT = 10_000
/** The callbacks of an incident, at most so many. */
const HURT = 'SELECT callback_id FROM incident_callbacks WHERE incident_id = $1 ORDER BY callback_id LIMIT $2'

/** @returns false when one is open already for its rule, route and target */
export async function openIncident(db: Queryable, row: IncidentRow): Promise<boolean> {
  const stored = { ...row, ...progressColumns(row), context: JSON.stringify(row.context) }
  const opened = await countOf(
    db,
    `INSERT INTO incidents (id, rule, route, target, target_label, severity, reason, since, opened_at, value,
       first_failure, recent_failures, told_at, cause, places, context)
     SELECT id, rule, route, target, target_label, severity, reason, since, opened_at, value,
       first_failure, recent_failures, told_at, cause, places, context
     FROM json_populate_recordset(NULL::incidents, $1) ON CONFLICT DO NOTHING`,
    [jsonRows([stored])],
  )
  return opened === 1
}

export async function noteIncident(db: Queryable, id: string, progress: IncidentProgress): Promise<boolean> {
  const noted = await countOf(
    db,
    `UPDATE incidents AS i SET severity = n.severity, reason = n.reason, value = n.value,
       first_failure = n.first_failure, recent_failures = n.recent_failures, places = n.places
     FROM json_populate_recordset(NULL::incidents, $2) AS n WHERE i.id = $1 AND i.closed_at IS NULL`,
    [id, jsonRows([progressColumns(progress)])],
  )
  return noted === 1
}

/** Each counts once; above the limit callbacks are counted without being remembered. The incident is held by the caller. */
export async function addHurt(db: Queryable, id: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const [row] = await rowsOf<{ callbacks: number }>(
    db,
    'SELECT callbacks FROM incidents WHERE id = $1 FOR UPDATE',
    [id],
  )
  const room = Math.max(0, MAX_INCIDENT_CALLBACKS - (row?.callbacks ?? 0))
  const added = await countOf(
    db,
    `INSERT INTO incident_callbacks SELECT DISTINCT $1, hurt FROM unnest($2::text[]) AS hurt ON CONFLICT DO NOTHING`,
    [id, ids.slice(0, room)],
  )
  const counted = added + Math.max(0, ids.length - room)
  await db.query('UPDATE incidents SET callbacks = callbacks + $2 WHERE id = $1', [id, counted])
}

export async function listIncidents(db: Queryable, filter: IncidentFilter): Promise<readonly IncidentRow[]> {
  const rows = await rowsOf<Stored>(
    db,
    `SELECT * FROM incidents WHERE ($1::boolean IS NULL OR (closed_at IS NULL) = $1)
       AND ($2::text IS NULL OR route = $2) AND ($3::bigint IS NULL OR coalesce(closed_at, $3) >= $3)
     ORDER BY opened_at DESC, id DESC LIMIT $4`,
    [filter.open ?? null, filter.route ?? null, filter.since ?? null, filter.limit],
  )
  return rows.map(incidentOf)
}

export async function oneIncident(db: Queryable, id: string): Promise<IncidentRow | undefined> {
  const [row] = await rowsOf<Stored>(db, 'SELECT * FROM incidents WHERE id = $1', [id])
  return row && incidentOf(row)
}

/** What became of the callbacks of an incident. */
export async function impactOf(db: Queryable, id: string): Promise<IncidentImpact> {
  const sums = await rowsOf<{ event: string; result: string; count: number }>(
    db,
    `SELECT event, result, count(*) AS count FROM callbacks WHERE id IN (${HURT}) GROUP BY event, result`,
    [id, MOST_OF_IMPACT],
  )
  const [calls] = await rowsOf<{ calls: number }>(
    db,
    `SELECT count(DISTINCT call_id) AS calls FROM callbacks WHERE call_id <> '' AND id IN (${HURT})`,
    [id, MOST_OF_IMPACT],
  )
  const events = new Map<string, number>()
  const results: Record<string, number> = {}
  for (const { event, result, count } of sums) {
    events.set(event, (events.get(event) ?? 0) + count)
    results[result] = (results[result] ?? 0) + count
  }
  return {
    callbacks: sums.reduce((sum, { count }) => sum + count, 0),
    calls: calls?.calls ?? 0,
    events: [...events]
      .map(([event, callbacks]) => ({ event, callbacks }))
      .toSorted((a, b) => b.callbacks - a.callbacks),
    results,
  }
}

export async function hurtBy(
  db: Queryable,
  id: string,
  after: string,
  limit: number,
): Promise<readonly string[]> {
  const rows = await rowsOf<{ callback_id: string }>(
    db,
    `SELECT callback_id FROM incident_callbacks WHERE incident_id = $1 AND callback_id > $2
     ORDER BY callback_id LIMIT $3`,
    [id, after, limit],
  )
  return rows.map(({ callback_id }) => callback_id)
}

function progressColumns(progress: IncidentProgress) {
  const { severity, reason, value, first_failure, recent_failures, places } = progress
  return {
    severity,
    reason,
    value,
    first_failure: JSON.stringify(first_failure),
    recent_failures: JSON.stringify(recent_failures),
    places: JSON.stringify(places),
  }
}

/** The database holds only what was put there, so the texts have the types they were written with. */
function incidentOf({ first_failure, recent_failures, places, context, ...row }: Stored): IncidentRow {
  return {
    ...row,
    first_failure: JSON.parse(first_failure) as FailureRow | null,
    recent_failures: JSON.parse(recent_failures) as FailureRow[],
    places: JSON.parse(places) as IncidentRow['places'],
    context: JSON.parse(context) as IncidentRow['context'],
  }
}
