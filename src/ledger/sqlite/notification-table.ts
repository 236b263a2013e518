import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'

import type {
  NewNotification,
  NotificationFailure,
  NotificationKind,
  NotificationRow,
  NotificationState,
} from '../alert-store.ts'

type Raw = Record<string, SQLOutputValue>

const CHANNEL_GONE = 'the channel is no longer configured'

/** Reads and writes of the outbox, each one statement or few; the caller holds the transaction. */
export function createNotificationTable(db: DatabaseSync) {
  const insert = db.prepare(`
    INSERT INTO notifications (id, incident_id, channel, kind, created_at, due_at, message)
    VALUES (:id, :incident_id, :channel, :kind, :at, :at, :message)
    ON CONFLICT DO NOTHING`)
  const isWaiting = db.prepare(`
    SELECT 1 FROM notifications WHERE incident_id = ? AND channel = ? AND state IN ('pending', 'sending')`)
  const insertResolved = db.prepare(`
    INSERT INTO notifications (id, incident_id, channel, kind, created_at, due_at, message, merged_message)
    SELECT :id || '.' || channel, :incident_id, channel, 'resolved', :at, :at, :message, :merged_message
    FROM notifications
    WHERE incident_id = :incident_id AND kind IN ('firing', 'reminder') AND state <> 'failed'
    GROUP BY channel
    ON CONFLICT DO NOTHING`)
  const due = db.prepare(`
    SELECT * FROM notifications WHERE channel = ? AND state = 'pending' AND due_at <= ? ORDER BY seq LIMIT 1`)
  const resolvedOf = db.prepare(`
    SELECT * FROM notifications
    WHERE incident_id = ? AND channel = ? AND state = 'pending' AND kind = 'resolved'`)
  const merge = db.prepare(`
    UPDATE notifications SET state = 'merged'
    WHERE incident_id = ? AND channel = ? AND state = 'pending' AND kind IN ('firing', 'reminder')`)
  const wasTold = db.prepare(`
    SELECT 1 FROM notifications
    WHERE incident_id = ? AND channel = ? AND state = 'sent' AND kind IN ('firing', 'reminder')`)
  const useMerged = db.prepare('UPDATE notifications SET message = merged_message WHERE id = ?')
  const begin = db.prepare("UPDATE notifications SET state = 'sending', tries = tries + 1 WHERE id = ?")
  const sent = db.prepare(
    "UPDATE notifications SET state = 'sent', sent_at = ?, last_error = ? WHERE id = ?",
  )
  const failed = db.prepare('UPDATE notifications SET state = ?, due_at = ?, last_error = ? WHERE id = ?')
  const standIn = db.prepare(`
    INSERT INTO notifications (id, incident_id, channel, kind, created_at, due_at, message, merged_message)
    SELECT SUBSTR(id, 1, LENGTH(id) - LENGTH(channel)) || :channel, incident_id, :channel, kind, :at, :at,
      message, merged_message
    FROM notifications WHERE id = :id
    ON CONFLICT DO NOTHING`)
  const standInResolved = db.prepare(`
    INSERT INTO notifications (id, incident_id, channel, kind, created_at, due_at, message, merged_message)
    SELECT SUBSTR(id, 1, LENGTH(id) - LENGTH(channel)) || :channel, incident_id, :channel, kind, :at, :at,
      message, merged_message
    FROM notifications
    WHERE kind = 'resolved' AND incident_id <> ''
      AND incident_id = (SELECT incident_id FROM notifications WHERE id = :id)
    LIMIT 1
    ON CONFLICT DO NOTHING`)
  const restart = db.prepare("UPDATE notifications SET state = 'pending' WHERE state = 'sending'")
  const waitingChannels = db.prepare("SELECT DISTINCT channel FROM notifications WHERE state = 'pending'")
  const dropChannel = db.prepare(`
    UPDATE notifications SET state = 'failed', last_error = ?, due_at = ?
    WHERE channel = ? AND state = 'pending'`)
  const one = db.prepare('SELECT * FROM notifications WHERE id = ?')
  const listed = db.prepare(`
    SELECT * FROM notifications WHERE (:incident_id IS NULL OR incident_id = :incident_id)
    ORDER BY seq DESC LIMIT :limit`)
  const oldest = db.prepare(
    "SELECT MIN(created_at) AS at FROM notifications WHERE state IN ('pending', 'sending')",
  )

  return {
    insert({ id, incident_id, kind, message }: NewNotification, channels: readonly string[], at: number): void {
      for (const channel of channels) {
        // A reminder behind a message that could not be sent yet would say the same twice.
        if (kind === 'reminder' && isWaiting.get(incident_id, channel) !== undefined) continue
        insert.run({ id: `${id}.${channel}`, incident_id, channel, kind, at, message })
      }
    },
    insertResolved(
      incidentId: string,
      at: number,
      resolved: { readonly id: string; readonly message: string; readonly merged_message: string },
    ): void {
      insertResolved.run({ incident_id: incidentId, at, ...resolved })
    },
    take(channel: string, now: number): NotificationRow | undefined {
      const next = due.get(channel, now)
      if (next === undefined) return undefined
      const incidentId = String(next['incident_id'])
      const resolved = incidentId === '' ? undefined : resolvedOf.get(incidentId, channel)
      const id = String((resolved ?? next)['id'])
      if (resolved !== undefined) {
        merge.run(incidentId, channel)
        if (wasTold.get(incidentId, channel) === undefined) useMerged.run(id)
      }
      begin.run(id)
      const row = one.get(id)
      return row && toNotification(row)
    },
    sent(id: string, at: number, note: string): void {
      sent.run(at, note, id)
    },
    failed(id: string, failure: NotificationFailure): void {
      const state: NotificationState = failure.retry_at === null ? 'failed' : 'pending'
      failed.run(state, failure.retry_at ?? failure.at, failure.error, id)
      if (failure.fallback_channel === '') return
      const standsIn = { id, channel: failure.fallback_channel, at: failure.at }
      standIn.run(standsIn)
      standInResolved.run(standsIn) // it may be over by now, and whoever is told of the firing is told of the end
    },
    recover(channels: readonly string[], now: number): void {
      restart.run()
      for (const raw of waitingChannels.all()) {
        const channel = String(raw['channel'])
        if (!channels.includes(channel)) dropChannel.run(CHANNEL_GONE, now, channel)
      }
    },
    list: (incidentId: string | undefined, limit: number): NotificationRow[] =>
      listed.all({ incident_id: incidentId ?? null, limit }).map(toNotification),
    oldestPending(): number | undefined {
      const at = oldest.get()?.['at']
      return typeof at === 'number' ? at : undefined
    },
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
