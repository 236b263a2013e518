import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'

import {
  LONGEST_WAIT_MS,
  type NewNotification,
  type NotificationFailure,
  type NotificationKind,
  type NotificationRow,
  type NotificationState,
} from '../../alert-store.ts'

type Raw = Record<string, SQLOutputValue>

const CHANNEL_GONE = 'the channel is no longer configured'
const IS_DUE = `channel = :channel AND state = 'pending' AND (due_at <= :now OR due_at > :now + ${LONGEST_WAIT_MS})`

/** Reads and writes of the outbox, each one statement or few; the caller holds the transaction. */
export function createNotificationTable(db: DatabaseSync) {
  return { ...createQueue(db), ...createKeeping(db) }
}

/** A message from the queue to its end. */
function createQueue(db: DatabaseSync) {
  const sql = prepareQueue(db)
  return {
    insert(
      { id, incident_id, kind, message }: NewNotification,
      channels: readonly string[],
      at: number,
    ): void {
      for (const channel of channels) {
        // A reminder behind a message that could not be sent yet would say the same twice.
        if (kind === 'reminder' && sql.isWaiting.get(incident_id, channel) !== undefined) continue
        sql.insert.run({ id: `${id}.${channel}`, incident_id, channel, kind, at, message })
      }
    },
    insertResolved(
      incidentId: string,
      at: number,
      resolved: { readonly id: string; readonly message: string; readonly merged_message: string },
    ): void {
      sql.insertResolved.run({ incident_id: incidentId, at, ...resolved })
    },
    take(channel: string, now: number): NotificationRow | undefined {
      const next = sql.due.get({ channel, now })
      if (next === undefined) return undefined
      const incidentId = String(next['incident_id'])
      const resolved = incidentId === '' ? undefined : sql.resolvedOf.get(incidentId, channel)
      const id = String((resolved ?? next)['id'])
      if (resolved !== undefined) {
        sql.merge.run(incidentId, channel)
        if (sql.wasTold.get(incidentId, channel) === undefined) sql.useMerged.run(id)
      }
      sql.begin.run(id)
      const row = sql.one.get(id)
      return row && toNotification(row)
    },
    due: (channel: string, now: number): number => Number(sql.countDue.get({ channel, now })?.['due'] ?? 0),
    sent(id: string, at: number, note: string): void {
      sql.sent.run(at, note, id)
    },
    failed(id: string, failure: NotificationFailure): void {
      const state: NotificationState = failure.retry_at === null ? 'failed' : 'pending'
      sql.failed.run(state, failure.retry_at ?? failure.at, failure.error, id)
      if (failure.fallback_channel === '') return
      const standsIn = { id, channel: failure.fallback_channel, at: failure.at }
      sql.standIn.run(standsIn)
      sql.standInResolved.run(standsIn) // it may be over by now, and whoever is told of the firing is told of the end
    },
  }
}

/** Restarts, reloads and reading. */
function createKeeping(db: DatabaseSync) {
  const sql = prepareKeeping(db)
  return {
    restart(): void {
      sql.restart.run()
    },
    failOthers(channels: readonly string[], now: number): void {
      for (const raw of sql.waitingChannels.all()) {
        const channel = String(raw['channel'])
        if (!channels.includes(channel)) sql.dropChannel.run(CHANNEL_GONE, now, channel)
      }
    },
    list: (incidentId: string | undefined, limit: number): NotificationRow[] =>
      sql.listed.all({ incident_id: incidentId ?? null, limit }).map(toNotification),
    /** Messages of open incidents stay: they say who is to be told of the end. */
    prune: (createdBefore: number): number => Number(sql.prune.run(createdBefore).changes),
    firing: (channel: string): string[] => sql.firing.all(channel).map((raw) => String(raw['message'])),
    oldestPending(): number | undefined {
      const at = sql.oldest.get()?.['at']
      return typeof at === 'number' ? at : undefined
    },
  }
}

function prepareQueue(db: DatabaseSync) {
  return {
    insert: db.prepare(`
    INSERT INTO notifications (id, incident_id, channel, kind, created_at, due_at, message)
    VALUES (:id, :incident_id, :channel, :kind, :at, :at, :message)
    ON CONFLICT DO NOTHING`),
    isWaiting: db.prepare(`
    SELECT 1 FROM notifications WHERE incident_id = ? AND channel = ? AND state IN ('pending', 'sending')`),
    insertResolved: db.prepare(`
    INSERT INTO notifications (id, incident_id, channel, kind, created_at, due_at, message, merged_message)
    SELECT :id || '.' || channel, :incident_id, channel, 'resolved', :at, :at, :message, :merged_message
    FROM notifications
    WHERE incident_id = :incident_id AND kind IN ('firing', 'reminder') AND state <> 'failed'
    GROUP BY channel
    ON CONFLICT DO NOTHING`),
    due: db.prepare(`SELECT * FROM notifications WHERE ${IS_DUE} ORDER BY seq LIMIT 1`),
    countDue: db.prepare(`SELECT COUNT(*) AS due FROM notifications WHERE ${IS_DUE}`),
    resolvedOf: db.prepare(`
    SELECT * FROM notifications
    WHERE incident_id = ? AND channel = ? AND state = 'pending' AND kind = 'resolved'`),
    merge: db.prepare(`
    UPDATE notifications SET state = 'merged'
    WHERE incident_id = ? AND channel = ? AND state = 'pending' AND kind IN ('firing', 'reminder')`),
    wasTold: db.prepare(`
    SELECT 1 FROM notifications
    WHERE incident_id = ? AND channel = ? AND state = 'sent' AND kind IN ('firing', 'reminder')`),
    useMerged: db.prepare('UPDATE notifications SET message = merged_message WHERE id = ?'),
    begin: db.prepare("UPDATE notifications SET state = 'sending', tries = tries + 1 WHERE id = ?"),
    sent: db.prepare("UPDATE notifications SET state = 'sent', sent_at = ?, last_error = ? WHERE id = ?"),
    failed: db.prepare('UPDATE notifications SET state = ?, due_at = ?, last_error = ? WHERE id = ?'),
    standIn: db.prepare(`
    INSERT INTO notifications (id, incident_id, channel, kind, created_at, due_at, message, merged_message)
    SELECT SUBSTR(id, 1, LENGTH(id) - LENGTH(channel)) || :channel, incident_id, :channel, kind, :at, :at,
      message, merged_message
    FROM notifications WHERE id = :id
    ON CONFLICT DO NOTHING`),
    standInResolved: db.prepare(`
    INSERT INTO notifications (id, incident_id, channel, kind, created_at, due_at, message, merged_message)
    SELECT SUBSTR(id, 1, LENGTH(id) - LENGTH(channel)) || :channel, incident_id, :channel, kind, :at, :at,
      message, merged_message
    FROM notifications
    WHERE kind = 'resolved' AND incident_id <> ''
      AND incident_id = (SELECT incident_id FROM notifications WHERE id = :id)
    LIMIT 1
    ON CONFLICT DO NOTHING`),
    one: db.prepare('SELECT * FROM notifications WHERE id = ?'),
  }
}

function prepareKeeping(db: DatabaseSync) {
  return {
    restart: db.prepare("UPDATE notifications SET state = 'pending' WHERE state = 'sending'"),
    waitingChannels: db.prepare("SELECT DISTINCT channel FROM notifications WHERE state = 'pending'"),
    dropChannel: db.prepare(`
    UPDATE notifications SET state = 'failed', last_error = ?, due_at = ?
    WHERE channel = ? AND state = 'pending'`),
    firing: db.prepare(`
    SELECT message FROM notifications JOIN incidents ON incidents.id = incident_id
    WHERE channel = ? AND kind = 'firing' AND state = 'sent' AND closed_at IS NULL`),
    listed: db.prepare(`
    SELECT * FROM notifications WHERE (:incident_id IS NULL OR incident_id = :incident_id)
    ORDER BY seq DESC LIMIT :limit`),
    oldest: db.prepare(
      "SELECT MIN(created_at) AS at FROM notifications WHERE state IN ('pending', 'sending')",
    ),
    prune: db.prepare(`
    DELETE FROM notifications WHERE state IN ('sent', 'failed', 'merged') AND created_at < ?
      AND NOT EXISTS (SELECT 1 FROM incidents WHERE incidents.id = incident_id AND closed_at IS NULL)`),
  }
}

function toNotification(raw: Raw): NotificationRow {
  return {
    id: String(raw['id']),
    incident_id: String(raw['incident_id']),
    channel: String(raw['channel']),
    kind: String(raw['kind']) as NotificationKind,
    state: String(raw['state']) as NotificationState,
    created_at: Number(raw['created_at']),
    due_at: Number(raw['due_at']),
    tries: Number(raw['tries']),
    sent_at: raw['sent_at'] === null ? null : Number(raw['sent_at']),
    last_error: String(raw['last_error']),
    message: String(raw['message']),
  }
}
