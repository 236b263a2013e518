import { z } from 'zod'

import { RingbackError } from '../../errors.ts'
import type { DrillView } from '../alert-api.ts'
import { type Endpoint, endpoint, json } from '../endpoint.ts'
import type { AdminParts } from '../parts.ts'
import { listOf, named } from '../schemas.ts'

const tag = 'Alerts'
const time = z.int().meta({ description: 'Milliseconds since the epoch.' })

const drillView = named<DrillView>()('Drill', {
  id: z.string(),
  started_by: z.string(),
  started_at: time,
  ended_at: time.nullable(),
  state: z.enum(['firing', 'resolving', 'passed', 'failed']),
  problem: z.string().meta({ description: 'Why it failed; empty otherwise.' }),
  incident_id: z.string(),
  failed_at: time.nullable(),
  mended_at: time.nullable(),
  channels: z.array(
    z.object({
      channel: z.string(),
      fired_at: time.nullable(),
      resolved_at: time.nullable(),
      problem: z.string(),
    }),
  ),
})

/** Drills: does an alert, and its end, reach everybody? */
export function drillEndpoints({ drills }: AdminParts): readonly Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/api/v1/drills',
      role: 'replay',
      tag,
      summary:
        'Start a drill: failing callbacks through the public port, until every channel accepted the alert and its end',
      body: z
        .strictObject({ by: z.string().min(1).max(64).default('api').meta({ description: 'Who asks.' }) })
        .prefault({}),
      answer: { status: 202, description: 'The drill that was started, or is under way.', schema: drillView },
      handle: ({ body }) => json(drills.start(body.by), 202),
    }),
    endpoint({
      method: 'GET',
      path: '/api/v1/drills',
      role: 'read',
      tag,
      summary: 'List the drills of this process, newest first',
      answer: { status: 200, description: 'The drills.', schema: listOf(drillView) },
      handle: () => json({ rows: drills.list() }),
    }),
    endpoint({
      method: 'GET',
      path: '/api/v1/drills/{id}',
      role: 'read',
      tag,
      summary: 'Show how far a drill came',
      params: z.strictObject({ id: z.string().regex(/^[0-9A-Za-z]{1,64}$/, 'is not an id') }),
      answer: { status: 200, description: 'The drill.', schema: drillView },
      handle({ params: { id } }) {
        const found = drills.get(id)
        if (found !== undefined) return json(found)
        throw new RingbackError('not_found', `No drill has the id ${id}; a restart forgets them.`)
      },
    }),
  ]
}
