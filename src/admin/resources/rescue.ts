import { z } from 'zod'

import { type Endpoint, endpoint, json } from '../endpoint.ts'
import type { AdminParts } from '../parts.ts'
import { limitParam } from './query.ts'
import { deadLetter, movedLetters } from '../rescue-schemas.ts'
import { pageOf } from '../schemas.ts'

const tag = 'Rescue'
const id = z.string().regex(/^[0-9A-Za-z]{1,64}$/, 'is not the id of a callback')
const route = z.string().min(1).max(64)

/** One way to say which ones, so that nobody moves all by leaving something out. */
const selection = z
  .strictObject({
    ids: z.array(id).min(1).max(1000).optional(),
    route: route.optional(),
    all: z.literal(true).optional(),
    reason: z.string().max(500).default('').meta({ description: 'Kept with each callback.' }),
  })
  .refine(
    ({ ids, route, all }) => [ids, route, all].filter((each) => each !== undefined).length === 1,
    'say which: ids, or route, or all: true',
  )

/** Callbacks that were given up: list them, let them wait again, or give them up for good. */
export function rescueEndpoints({ rescue }: AdminParts): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/dead-letters',
      role: 'read',
      tag,
      summary: 'List dead letters, newest first',
      query: z.strictObject({
        route: route.optional(),
        limit: limitParam.default(50),
        after: id.optional().meta({ description: '`next` of the page before.' }),
      }),
      answer: { status: 200, description: 'One page.', schema: pageOf(deadLetter) },
      async handle({ query }) {
        const rows = await rescue.deadLetters(query)
        return json({ rows, next: rows.length === query.limit ? (rows.at(-1)?.id ?? null) : null })
      },
    }),
    endpoint({
      method: 'POST',
      path: '/api/v1/dead-letters/requeue',
      role: 'replay',
      tag,
      summary: 'Let dead letters wait again, due now, with all their retries before them',
      body: selection,
      answer: { status: 200, description: 'Those that wait again.', schema: movedLetters },
      async handle({ body: { reason, ...which } }) {
        return json({ ids: await rescue.requeue(which, reason) })
      },
    }),
    endpoint({
      method: 'POST',
      path: '/api/v1/dead-letters/discard',
      role: 'admin',
      tag,
      summary: 'Give dead letters up for good: their bytes are deleted, their rows and the reason stay',
      body: selection,
      answer: { status: 200, description: 'Those that are gone.', schema: movedLetters },
      async handle({ body: { reason, ...which } }) {
        return json({ ids: await rescue.discard(which, reason) })
      },
    }),
  ]
}
