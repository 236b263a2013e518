import type { AlertStore, IncidentStore, NotificationStore } from '../../alert-store.ts'
import { countOf, inTransaction, type Pool, type Queryable } from '../connection.ts'
import { createHandling } from './handling.ts'
import * as incidents from './incidents.ts'
import * as outbox from './notifications.ts'

/** Incidents, the outbox and what people said. Each method is one transaction. */
export function createAlertStore(pool: Pool): AlertStore {
  return { ...incidentStore(pool), ...notificationStore(pool), ...createHandling(pool), pruneAlerts }

  async function pruneAlerts(beforeMs: number): Promise<number> {
    return inTransaction(
      pool,
      async (db) => (await pruneIncidents(db, beforeMs)) + (await pruneOutbox(db, beforeMs)),
    )
  }
}

function incidentStore(pool: Pool): IncidentStore {
  return {
    openIncident: ({ incident, callback_ids, notification, channels, told }) =>
      inTransaction(pool, async (db) => {
        if (!(await incidents.openIncident(db, incident))) return false
        await incidents.addHurt(db, incident.id, callback_ids)
        await outbox.putNotification(db, notification, channels, incident.opened_at)
        for (const channel of told) {
          await outbox.notificationSent(db, `${notification.id}.${channel}`, incident.opened_at, '')
        }
        return true
      }),
    noteIncident: (id, progress, callbackIds) =>
      inTransaction(pool, async (db) => {
        if (await incidents.noteIncident(db, id, progress)) await incidents.addHurt(db, id, callbackIds)
      }),
    remindIncident: ({ incident_id, number, at, notification, channels }) =>
      inTransaction(pool, async (db) => {
        const reminded = await countOf(
          db,
          `UPDATE incidents SET reminders = $2, told_at = $3
           WHERE id = $1 AND closed_at IS NULL AND reminders = $2 - 1`,
          [incident_id, number, at],
        )
        if (reminded === 0) return false
        await outbox.putNotification(db, notification, channels, at)
        return true
      }),
    closeIncident: (id, { at, reason, notification }) =>
      inTransaction(pool, async (db) => {
        const closed = await countOf(
          db,
          'UPDATE incidents SET closed_at = $2, close_reason = $3 WHERE id = $1 AND closed_at IS NULL',
          [id, at, reason],
        )
        if (closed === 0) return false
        await outbox.putResolved(db, id, at, notification)
        return true
      }),
    ackIncident: async (id, { by, comment, until }) =>
      (await countOf(
        pool,
        `UPDATE incidents SET acked_by = $2, ack_comment = $3, acked_until = $4
         WHERE id = $1 AND closed_at IS NULL`,
        [id, by, comment, until],
      )) === 1,
    incidents: (filter) => incidents.listIncidents(pool, filter),
    incident: (id) => incidents.oneIncident(pool, id),
    incidentImpact: (id) => incidents.impactOf(pool, id),
    incidentCallbacks: (id, after, limit) => incidents.hurtBy(pool, id, after, limit),
  }
}

function notificationStore(pool: Pool): NotificationStore {
  return {
    enqueue: (notification, channels, at) => outbox.putNotification(pool, notification, channels, at),
    takeNotification: (channel, now) =>
      inTransaction(pool, (db) => outbox.takeNotification(db, channel, now)),
    dueNotifications: (channel, now) => outbox.dueNotifications(pool, channel, now),
    takeNotifications: (channel, now, limit) =>
      inTransaction(pool, (db) => outbox.takeNotifications(db, limit, [channel, now])),
    firingMessages: (channel) => outbox.firingMessages(pool, channel),
    notificationSent: (id, at, note) => outbox.notificationSent(pool, id, at, note),
    notificationFailed: (id, failure) =>
      inTransaction(pool, (db) => outbox.notificationFailed(db, id, failure)),
    recoverNotifications: (channels, now) =>
      inTransaction(pool, async (db) => {
        await outbox.restartNotifications(db)
        await outbox.failOtherChannels(db, channels, now)
      }),
    failOtherChannels: (channels, now) => outbox.failOtherChannels(pool, channels, now),
    notifications: ({ incident_id, limit }) => outbox.listNotifications(pool, incident_id, limit),
    oldestPending: () => outbox.oldestPending(pool),
  }
}

async function pruneIncidents(db: Queryable, closedBefore: number): Promise<number> {
  await db.query(
    'DELETE FROM incident_callbacks WHERE incident_id IN (SELECT id FROM incidents WHERE closed_at < $1)',
    [closedBefore],
  )
  return countOf(db, 'DELETE FROM incidents WHERE closed_at < $1', [closedBefore])
}

/** Messages of open incidents stay: they say who is to be told of the end. */
async function pruneOutbox(db: Queryable, createdBefore: number): Promise<number> {
  return countOf(
    db,
    `DELETE FROM notifications AS n WHERE state IN ('sent', 'failed', 'merged') AND created_at < $1
       AND NOT EXISTS (SELECT 1 FROM incidents AS i WHERE i.id = n.incident_id AND i.closed_at IS NULL)`,
    [createdBefore],
  )
}
