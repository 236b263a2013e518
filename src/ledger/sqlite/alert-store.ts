import type { DatabaseSync } from 'node:sqlite'

import type { AlertStore, Synchronous } from '../alert-store.ts'
import { ALERT_TABLES } from './alert-tables.ts'
import { createIncidentTable } from './incident-table.ts'
import { createNotificationTable } from './notification-table.ts'
import { inTransaction } from './transaction.ts'

/** The alert store over a connection that only this thread uses. Makes its tables when they are missing. */
export function openAlertStore(db: DatabaseSync): Synchronous<AlertStore> {
  db.exec(ALERT_TABLES)
  const incidents = createIncidentTable(db)
  const outbox = createNotificationTable(db)
  const prune = db.prepare('DELETE FROM incidents WHERE closed_at < ?')
  const pruneOutbox = db.prepare(`
    DELETE FROM notifications WHERE state IN ('sent', 'failed', 'merged') AND created_at < ?
      AND NOT EXISTS (SELECT 1 FROM incidents WHERE incidents.id = incident_id AND closed_at IS NULL)`)
  const pruneCallbacks = db.prepare(
    'DELETE FROM incident_callbacks WHERE incident_id IN (SELECT id FROM incidents WHERE closed_at < ?)',
  )
  const atOnce = <Result>(work: () => Result): Result => inTransaction(db, work)

  return {
    openIncident: ({ incident, callback_ids, notification, channels }) =>
      atOnce(() => {
        if (!incidents.open(incident)) return false
        incidents.addCallbacks(incident.id, callback_ids)
        outbox.insert(notification, channels, incident.opened_at)
        return true
      }),
    noteIncident: (id, progress, callbackIds) =>
      atOnce(() => {
        if (incidents.note(id, progress)) incidents.addCallbacks(id, callbackIds)
      }),
    remindIncident: ({ incident_id, number, at, notification, channels }) =>
      atOnce(() => {
        if (!incidents.remind(incident_id, number, at)) return false
        outbox.insert(notification, channels, at)
        return true
      }),
    closeIncident: (id, { at, reason, notification }) =>
      atOnce(() => {
        if (!incidents.close(id, at, reason)) return false
        outbox.insertResolved(id, at, notification)
        return true
      }),
    ackIncident: (id, { by, comment, until }) => incidents.ack(id, by, comment, until),
    incidents: (filter) => incidents.list(filter),
    incident: (id) => incidents.get(id),
    incidentCallbacks: (id, after, limit) => incidents.callbackIds(id, after, limit),
    enqueue: (notification, channels, at) => atOnce(() => outbox.insert(notification, channels, at)),
    takeNotification: (channel, now) => atOnce(() => outbox.take(channel, now)),
    notificationSent: (id, at, note) => outbox.sent(id, at, note),
    notificationFailed: (id, failure) => atOnce(() => outbox.failed(id, failure)),
    recoverNotifications: (channels, now) =>
      atOnce(() => {
        outbox.restart()
        outbox.failOthers(channels, now)
      }),
    failOtherChannels: (channels, now) => atOnce(() => outbox.failOthers(channels, now)),
    notifications: ({ incident_id, limit }) => outbox.list(incident_id, limit),
    oldestPending: () => outbox.oldestPending(),
    pruneAlerts: (olderThanMs) =>
      atOnce(() => {
        pruneCallbacks.run(olderThanMs)
        const rows = prune.run(olderThanMs).changes
        return Number(rows) + Number(pruneOutbox.run(olderThanMs).changes)
      }),
  }
}
