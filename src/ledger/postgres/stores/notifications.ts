import {
  type IncidentClose,
  LONGEST_WAIT_MS,
  type NewNotification,
  type NotificationFailure,
  type NotificationRow,
  type NotificationState,
} from '../../alert-store.ts'
import { type Queryable, rowsOf } from '../connection.ts'

const CHANNEL_GONE = 'the channel is no longer configured'
const COLUMNS = `id, incident_id, channel, kind, state, created_at, due_at, tries, sent_at, last_error, message`
const WAITING = `state IN ('pending', 'sending')`
const IS_DUE = `channel = $1 AND state = 'pending' AND (due_at <= $2 OR due_at > $2::bigint + ${LONGEST_WAIT_MS})`
const TOLD = `kind IN ('firing', 'reminder')`
/** The same message through another channel. */
const STAND_IN = `INSERT INTO notifications (id, incident_id, channel, kind, created_at, due_at, message, merged_message)
  SELECT left(id, length(id) - length(channel)) || $2::text, incident_id, $2::text, kind, $3::bigint, $3::bigint,
    message, merged_message FROM notifications`

/** A message for each channel. A reminder behind a message that could not be sent yet would say the same twice. */
export async function putNotification(
  db: Queryable,
  { id, incident_id, kind, message }: NewNotification,
  channels: readonly string[],
  at: number,
): Promise<void> {
  await db.query(
    `INSERT INTO notifications (id, incident_id, channel, kind, created_at, due_at, message)
     SELECT $1::text || '.' || channel, $2::text, channel, $3::text, $4::bigint, $4::bigint, $5::text
     FROM unnest($6::text[]) WITH ORDINALITY AS told(channel, place)
     WHERE $3::text <> 'reminder' OR NOT EXISTS (SELECT 1 FROM notifications AS n
       WHERE n.incident_id = $2 AND n.channel = told.channel AND ${WAITING})
     ORDER BY place ON CONFLICT DO NOTHING`,
    [id, incident_id, kind, at, message.replaceAll('\0', '\uFFFD'), channels],
  )
}

export async function putResolved(
  db: Queryable,
  incidentId: string,
  at: number,
  { id, message, merged_message }: IncidentClose['notification'],
): Promise<void> {
  await db.query(
    `INSERT INTO notifications (id, incident_id, channel, kind, created_at, due_at, message, merged_message)
     SELECT $1::text || '.' || channel, $2::text, channel, 'resolved', $3::bigint, $3::bigint, $4::text, $5::text
     FROM notifications WHERE incident_id = $2 AND ${TOLD} AND state <> 'failed'
     GROUP BY channel ORDER BY min(seq) ON CONFLICT DO NOTHING`,
    [id, incidentId, at, message.replaceAll('\0', '\uFFFD'), merged_message.replaceAll('\0', '\uFFFD')],
  )
}

/** Marks the next due message as being sent; one that another process takes at this moment is passed over. */
export async function takeNotification(
  db: Queryable,
  channel: string,
  now: number,
): Promise<NotificationRow | undefined> {
  const [next] = await rowsOf<{ id: string; incident_id: string }>(
    db,
    `SELECT id, incident_id FROM notifications WHERE ${IS_DUE} ORDER BY seq LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [channel, now],
  )
  if (next === undefined) return undefined
  const place = [next.incident_id, channel]
  const [resolved] =
    next.incident_id === ''
      ? []
      : await rowsOf<{ id: string }>(
          db,
          `SELECT id FROM notifications WHERE incident_id = $1 AND channel = $2 AND state = 'pending'
             AND kind = 'resolved' FOR UPDATE`,
          place,
        )
  const id = (resolved ?? next).id
  if (resolved !== undefined) {
    await db.query(
      `UPDATE notifications SET state = 'merged' WHERE incident_id = $1 AND channel = $2 AND state = 'pending' AND ${TOLD}`,
      place,
    )
    await db.query(
      `UPDATE notifications SET message = merged_message WHERE id = $3 AND NOT EXISTS (SELECT 1 FROM notifications AS n
         WHERE n.incident_id = $1 AND n.channel = $2 AND n.state = 'sent' AND n.kind IN ('firing', 'reminder'))`,
      [...place, id],
    )
  }
  const [row] = await rowsOf<NotificationRow>(
    db,
    `UPDATE notifications SET state = 'sending', tries = tries + 1 WHERE id = $1 RETURNING ${COLUMNS}`,
    [id],
  )
  return row
}

export async function notificationSent(db: Queryable, id: string, at: number, note: string): Promise<void> {
  await rowsOf(db, `UPDATE notifications SET state = 'sent', sent_at = $2, last_error = $3 WHERE id = $1`, [
    id,
    at,
    note,
  ])
}

export async function notificationFailed(
  db: Queryable,
  id: string,
  { at, error, retry_at, fallback_channel }: NotificationFailure,
): Promise<void> {
  const state: NotificationState = retry_at === null ? 'failed' : 'pending'
  await rowsOf(db, 'UPDATE notifications SET state = $2, due_at = $3, last_error = $4 WHERE id = $1', [
    id,
    state,
    retry_at ?? at,
    error,
  ])
  if (fallback_channel === '') return
  const standsIn = [id, fallback_channel, at]
  await db.query(`${STAND_IN} WHERE id = $1 ON CONFLICT DO NOTHING`, standsIn)
  // It may be over by now, and whoever is told of the firing is told of the end.
  await db.query(
    `${STAND_IN} WHERE kind = 'resolved' AND incident_id <> ''
       AND incident_id = (SELECT incident_id FROM notifications WHERE id = $1) LIMIT 1 ON CONFLICT DO NOTHING`,
    standsIn,
  )
}

export async function restartNotifications(db: Queryable): Promise<void> {
  await db.query(`UPDATE notifications SET state = 'pending' WHERE state = 'sending'`)
}

export async function failOtherChannels(
  db: Queryable,
  channels: readonly string[],
  now: number,
): Promise<void> {
  await db.query(
    `UPDATE notifications SET state = 'failed', last_error = $1, due_at = $2
     WHERE state = 'pending' AND channel <> ALL($3::text[])`,
    [CHANNEL_GONE, now, channels],
  )
}

export async function listNotifications(
  db: Queryable,
  incidentId: string | undefined,
  limit: number,
): Promise<readonly NotificationRow[]> {
  return rowsOf<NotificationRow>(
    db,
    `SELECT ${COLUMNS} FROM notifications WHERE $1::text IS NULL OR incident_id = $1 ORDER BY seq DESC LIMIT $2`,
    [incidentId ?? null, limit],
  )
}

export async function oldestPending(db: Queryable): Promise<number | undefined> {
  const [row] = await rowsOf<{ at: number | null }>(
    db,
    `SELECT min(created_at) AS at FROM notifications WHERE ${WAITING}`,
  )
  return row?.at ?? undefined
}

export async function dueNotifications(db: Queryable, channel: string, now: number): Promise<number> {
  const [row] = await rowsOf<{ due: number }>(
    db,
    `SELECT count(*)::int AS due FROM notifications WHERE ${IS_DUE}`,
    [channel, now],
  )
  return row?.due ?? 0
}

/** As takeNotification, for up to `limit` of them. */
export async function takeNotifications(
  db: Queryable,
  limit: number,
  [channel, now]: readonly [channel: string, now: number],
): Promise<readonly NotificationRow[]> {
  const taken: NotificationRow[] = []
  while (taken.length < limit) {
    const row = await takeNotification(db, channel, now)
    if (row === undefined) break
    taken.push(row)
  }
  return taken
}

export async function firingMessages(db: Queryable, channel: string): Promise<readonly string[]> {
  const rows = await rowsOf<{ message: string }>(
    db,
    `SELECT n.message FROM notifications AS n JOIN incidents AS i ON i.id = n.incident_id
     WHERE n.channel = $1 AND n.kind = 'firing' AND n.state = 'sent' AND i.closed_at IS NULL`,
    [channel],
  )
  return rows.map(({ message }) => message)
}
