import { z } from 'zod'

import type { AuditRow } from '../api.ts'
import { type Endpoint, endpoint, json } from '../endpoint.ts'
import type { AdminParts } from '../parts.ts'
import { named, pageOf } from '../schemas.ts'
import { cursorParam, limitParam, moment } from './query.ts'

const auditRow = named<AuditRow>()('AuditEntry', {
  id: z.string(),
  at: z.int().meta({ description: 'Milliseconds since the epoch.' }),
  who: z.string().meta({ description: 'Name of the token, or `local` where none is configured.' }),
  role: z.string(),
  peer: z.string(),
  action: z.string().meta({ description: 'Method and path.' }),
  reason: z.string().meta({ description: 'Why, in the words of whoever asked; may be empty.' }),
  status: z.int().meta({ description: 'What it was answered with.' }),
})

/** The changes that were asked for over this port. */
export function auditEndpoints({ audit, clock }: AdminParts): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/audit',
      role: 'read',
      tag: 'Operations',
      summary: 'List the changes that were asked for over this port, newest first: who, what, why',
      query: z.strictObject({
        since: moment.optional(),
        who: z.string().min(1).max(64).optional(),
        limit: limitParam.default(50),
        after: cursorParam.optional().meta({ description: '`next` of the page before.' }),
      }),
      answer: { status: 200, description: 'One page.', schema: pageOf(auditRow) },
      async handle({ query: { since, ...query } }) {
        const rows = await audit.list({ ...query, since: since?.(clock.wall()) })
        return json({ rows, next: rows.length === query.limit ? (rows.at(-1)?.id ?? null) : null })
      },
    }),
  ]
}
