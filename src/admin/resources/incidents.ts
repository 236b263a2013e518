import { z } from 'zod'

import { RingbackError } from '../../errors.ts'
import type { NotificationRow } from '../../ledger/alert-store.ts'
import type { IncidentDetail, NotificationView } from '../api.ts'
import { type Endpoint, endpoint, json } from '../endpoint.ts'
import type { AdminParts } from '../parts.ts'
import { limitParam, moment } from './query.ts'
import { incidentDetail, incidentRow, listOf, notificationView as notificationRow } from '../schemas.ts'

const tag = 'Alerts'
const MOST_OPEN = 1000
const MOST_CALLBACK_IDS = 1000
const MOST_NOTIFICATIONS = 200

/** What is wrong now, and what was. */
export function incidentEndpoints(parts: AdminParts): readonly Endpoint[] {
  return [alerts(parts), list(parts), one(parts), notifications(parts)]
}

function alerts({ incidents }: AdminParts): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/alerts',
    role: 'read',
    tag,
    summary: 'List the alerts that fire now: the incidents that are open',
    answer: { status: 200, description: 'The open incidents, newest first.', schema: listOf(incidentRow) },
    async handle() {
      return json({ rows: await incidents.incidents({ open: true, limit: MOST_OPEN }) })
    },
  })
}

function list({ incidents, clock }: AdminParts): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/incidents',
    role: 'read',
    tag,
    summary: 'List incidents, newest first',
    query: z.strictObject({
      route: z.string().min(1).max(64).optional(),
      open: z
        .enum(['true', 'false'])
        .transform((text) => text === 'true')
        .optional(),
      since: moment.optional(),
      limit: limitParam.default(50),
    }),
    answer: { status: 200, description: 'The incidents.', schema: listOf(incidentRow) },
    async handle({ query: { since, ...filter } }) {
      return json({ rows: await incidents.incidents({ ...filter, since: since?.(clock.wall()) }) })
    },
  })
}

function one({ incidents }: AdminParts): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/incidents/{id}',
    role: 'read',
    tag,
    summary: 'Show one incident with the callbacks it hurt and what people were told',
    params: z.strictObject({ id: z.string().regex(/^[\w.:-]{1,64}$/, 'is not the id of an incident') }),
    answer: { status: 200, description: 'The incident.', schema: incidentDetail },
    async handle({ params: { id } }) {
      const incident = await incidents.incident(id)
      if (incident === undefined) throw new RingbackError('not_found', `No incident has the id ${id}.`)
      const [callbackIds, notifications] = await Promise.all([
        incidents.incidentCallbacks(id, '', MOST_CALLBACK_IDS),
        incidents.notifications({ incident_id: id, limit: MOST_NOTIFICATIONS }),
      ])
      return json({
        ...incident,
        callback_ids: callbackIds,
        notifications: notifications.map(notificationView),
      } satisfies IncidentDetail)
    },
  })
}

function notifications({ incidents }: AdminParts): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/notifications',
    role: 'read',
    tag,
    summary: 'List what people were told, newest first',
    query: z.strictObject({ limit: limitParam.default(100) }),
    answer: {
      status: 200,
      description: 'The messages, without their text.',
      schema: listOf(notificationRow),
    },
    async handle({ query }) {
      return json({ rows: (await incidents.notifications(query)).map(notificationView) })
    },
  })
}

function notificationView({ message: _text, ...view }: NotificationRow): NotificationView {
  return view
}
