import type { DatabaseSync } from 'node:sqlite'

import type {
  AlertStore,
  HandlingStore,
  IncidentStore,
  NotificationRow,
  NotificationStore,
  Synchronous,
} from '../alert-store.ts'
import { ALERT_TABLES } from './tables/alert-tables.ts'
import { createHandlingTables } from './tables/handling-tables.ts'
import { createImpactQuery } from './queries/impact-query.ts'
import { createIncidentTable } from './tables/incident-table.ts'
import { createNotificationTable } from './tables/notification-table.ts'
import { inTransaction } from './transaction.ts'

/** The alert store over a connection that only this thread uses. Makes its tables when they are missing. */
export function openAlertStore(db: DatabaseSync): Synchronous<AlertStore> {
  db.exec(ALERT_TABLES)
  const incidents = createIncidentTable(db)
  const outbox = createNotificationTable(db)
  const handling: Synchronous<HandlingStore> = createHandlingTables(db)
  return {
    ...incidentStore(db, incidents, outbox),
    ...notificationStore(db, outbox),
    ...handling,
    pruneAlerts: (beforeMs) => inTransaction(db, () => incidents.prune(beforeMs) + outbox.prune(beforeMs)),
  }
}

type Incidents = ReturnType<typeof createIncidentTable>
type Outbox = ReturnType<typeof createNotificationTable>

function incidentStore(db: DatabaseSync, incidents: Incidents, outbox: Outbox): Synchronous<IncidentStore> {
  const atOnce = <Result>(work: () => Result): Result => inTransaction(db, work)
  return {
    openIncident: ({ incident, callback_ids, notification, channels, told }) =>
      atOnce(() => {
        if (!incidents.open(incident)) return false
        incidents.addCallbacks(incident.id, callback_ids)
        outbox.insert(notification, channels, incident.opened_at)
        for (const channel of told) outbox.sent(`${notification.id}.${channel}`, incident.opened_at, '')
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
    incidentImpact: createImpactQuery(db),
    incidentCallbacks: (id, after, limit) => incidents.callbackIds(id, after, limit),
  }
}

function notificationStore(db: DatabaseSync, outbox: Outbox): Synchronous<NotificationStore> {
  const atOnce = <Result>(work: () => Result): Result => inTransaction(db, work)
  return {
    enqueue: (notification, channels, at) => atOnce(() => outbox.insert(notification, channels, at)),
    takeNotification: (channel, now) => atOnce(() => outbox.take(channel, now)),
    dueNotifications: (channel, now) => outbox.due(channel, now),
    takeNotifications: (channel, now, limit) =>
      atOnce(() => {
        const taken: NotificationRow[] = []
        while (taken.length < limit) {
          const row = outbox.take(channel, now)
          if (row === undefined) break
          taken.push(row)
        }
        return taken
      }),
    notificationSent: (id, at, note) => outbox.sent(id, at, note),
    notificationFailed: (id, failure) => atOnce(() => outbox.failed(id, failure)),
    firingMessages: (channel) => outbox.firing(channel),
    recoverNotifications: (channels, now) =>
      atOnce(() => {
        outbox.restart()
        outbox.failOthers(channels, now)
      }),
    failOtherChannels: (channels, now) => atOnce(() => outbox.failOthers(channels, now)),
    notifications: ({ incident_id, limit }) => outbox.list(incident_id, limit),
    oldestPending: () => outbox.oldestPending(),
  }
}
