import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'

import {
  type FailureRow,
  type IncidentFilter,
  type IncidentProgress,
  type IncidentRow,
  type IncidentSeverity,
  MAX_INCIDENT_CALLBACKS,
} from '../../alert-store.ts'

type Raw = Record<string, SQLOutputValue>

/** Reads and writes of incidents, each one statement or few; the caller holds the transaction. */
export function createIncidentTable(db: DatabaseSync) {
  const sql = prepare(db)
  const incident = (id: string): IncidentRow | undefined => {
    const raw = sql.one.get(id)
    return raw && toIncident(raw)
  }

  return {
    open: (row: IncidentRow): boolean => sql.open.run(openingParameters(row)).changes === 1,
    note: (id: string, progress: IncidentProgress): boolean =>
      sql.note.run({ id, ...progressParameters(progress) }).changes === 1,
    remind: (id: string, number: number, at: number): boolean =>
      sql.remind.run(number, at, id, number).changes === 1,
    close: (id: string, at: number, reason: string): boolean => sql.close.run(at, reason, id).changes === 1,
    ack: (id: string, by: string, comment: string, until: number): boolean =>
      sql.ack.run(by, comment, until, id).changes === 1,
    /** Above the limit callbacks are counted without being remembered. */
    addCallbacks(id: string, ids: readonly string[]): void {
      let room = MAX_INCIDENT_CALLBACKS - (incident(id)?.callbacks ?? 0)
      let added = 0
      for (const callbackId of ids) {
        const isNew = room <= 0 || sql.hurt.run(id, callbackId).changes === 1
        if (!isNew) continue
        added += 1
        room -= 1
      }
      if (added > 0) sql.count.run(added, id)
    },
    get: incident,
    list: (filter: IncidentFilter): IncidentRow[] =>
      sql.listed
        .all({
          open: filter.open === undefined ? null : Number(filter.open),
          route: filter.route ?? null,
          since: filter.since ?? null,
          limit: filter.limit,
        })
        .map(toIncident),
    callbackIds: (id: string, after: string, limit: number): string[] =>
      sql.callbackIds.all(id, after, limit).map((raw) => String(raw['callback_id'])),
    prune(closedBefore: number): number {
      sql.pruneCallbacks.run(closedBefore)
      return Number(sql.prune.run(closedBefore).changes)
    },
  }
}

function prepare(db: DatabaseSync) {
  return {
    open: db.prepare(`
    INSERT INTO incidents (id, rule, route, target, target_label, severity, reason, since, opened_at, value,
      first_failure, recent_failures, told_at, cause, places, context)
    VALUES (:id, :rule, :route, :target, :target_label, :severity, :reason, :since, :opened_at, :value,
      :first_failure, :recent_failures, :told_at, :cause, :places, :context)
    ON CONFLICT DO NOTHING`),
    note: db.prepare(`
    UPDATE incidents SET severity = :severity, reason = :reason, value = :value, first_failure = :first_failure,
      recent_failures = :recent_failures, places = :places
    WHERE id = :id AND closed_at IS NULL`),
    remind: db.prepare(
      'UPDATE incidents SET reminders = ?, told_at = ? WHERE id = ? AND closed_at IS NULL AND reminders = ? - 1',
    ),
    close: db.prepare(
      'UPDATE incidents SET closed_at = ?, close_reason = ? WHERE id = ? AND closed_at IS NULL',
    ),
    ack: db.prepare(`
    UPDATE incidents SET acked_by = ?, ack_comment = ?, acked_until = ? WHERE id = ? AND closed_at IS NULL`),
    hurt: db.prepare('INSERT INTO incident_callbacks VALUES (?, ?) ON CONFLICT DO NOTHING'),
    count: db.prepare('UPDATE incidents SET callbacks = callbacks + ? WHERE id = ?'),
    one: db.prepare('SELECT * FROM incidents WHERE id = ?'),
    listed: db.prepare(`
    SELECT * FROM incidents
    WHERE (:open IS NULL OR (closed_at IS NULL) = :open) AND (:route IS NULL OR route = :route)
      AND (:since IS NULL OR COALESCE(closed_at, :since) >= :since)
    ORDER BY opened_at DESC, id DESC LIMIT :limit`),
    callbackIds: db.prepare(`
    SELECT callback_id FROM incident_callbacks WHERE incident_id = ? AND callback_id > ?
    ORDER BY callback_id LIMIT ?`),
    prune: db.prepare('DELETE FROM incidents WHERE closed_at < ?'),
    pruneCallbacks: db.prepare(
      'DELETE FROM incident_callbacks WHERE incident_id IN (SELECT id FROM incidents WHERE closed_at < ?)',
    ),
  }
}

function openingParameters(row: IncidentRow) {
  const { id, rule, route, target, target_label, since, opened_at, told_at, cause } = row
  const facts = { id, rule, route, target, target_label, since, opened_at, told_at, cause }
  return { ...facts, context: JSON.stringify(row.context), ...progressParameters(row) }
}

function progressParameters(progress: IncidentProgress) {
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

/** The database holds only what `openingParameters` put there, so the texts have the types they were written with. */
function toIncident(raw: Raw): IncidentRow {
  return {
    id: String(raw['id']),
    rule: String(raw['rule']),
    route: String(raw['route']),
    target: String(raw['target']),
    target_label: String(raw['target_label']),
    severity: String(raw['severity']) as IncidentSeverity,
    reason: String(raw['reason']),
    since: Number(raw['since']),
    opened_at: Number(raw['opened_at']),
    closed_at: raw['closed_at'] === null ? null : Number(raw['closed_at']),
    close_reason: String(raw['close_reason']),
    value: Number(raw['value']),
    callbacks: Number(raw['callbacks']),
    first_failure: JSON.parse(String(raw['first_failure'])) as FailureRow | null,
    recent_failures: JSON.parse(String(raw['recent_failures'])) as FailureRow[],
    told_at: Number(raw['told_at']),
    reminders: Number(raw['reminders']),
    acked_by: String(raw['acked_by']),
    ack_comment: String(raw['ack_comment']),
    acked_until: Number(raw['acked_until']),
    cause: String(raw['cause']),
    places: JSON.parse(String(raw['places'])) as IncidentRow['places'],
    context: JSON.parse(String(raw['context'])) as IncidentRow['context'],
  }
}
