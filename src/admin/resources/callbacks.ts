import { z } from 'zod'

import { RingbackError } from '../../errors.ts'
import { type Endpoint, endpoint, json, jsonText } from '../endpoint.ts'
import { exportCallbacks } from './export.ts'
import type { AdminParts } from '../parts.ts'
import { callbackFilters, cursorParam, limitParam, toLedgerFilter } from './query.ts'
import { attemptRow, callbackDetail, callbackRow, listOf, pageOf } from '../schemas.ts'

const tag = 'Callbacks'
const byId = z.strictObject({ id: z.string().regex(/^[0-9A-Za-z]{1,64}$/, 'is not the id of a callback') })

/** The callbacks in the ledger: list, export, one with everything, its attempts. */
export function callbackEndpoints(parts: AdminParts): readonly Endpoint[] {
  return [list(parts), exported(parts), one(parts), attempts(parts)]
}

function list({ reader, clock }: AdminParts): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/callbacks',
    role: 'read',
    tag,
    summary: 'List callbacks, newest first',
    query: z.strictObject({
      ...callbackFilters,
      limit: limitParam.default(50),
      after: cursorParam.optional().meta({ description: '`next` of the page before.' }),
    }),
    answer: { status: 200, description: 'One page.', schema: pageOf(callbackRow) },
    async handle({ query: { limit, after, ...filters } }) {
      const filter = toLedgerFilter(filters, { limit, after }, clock.wall())
      return jsonText((await reader.pageText(filter, 'json')).text)
    },
  })
}

function exported({ reader, clock }: AdminParts): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/callbacks/export',
    role: 'read',
    tag,
    summary: 'Export callbacks as NDJSON or CSV, newest first',
    query: z.strictObject({
      ...callbackFilters,
      format: z.enum(['ndjson', 'csv']).default('ndjson'),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .optional()
        .meta({ description: 'Most rows; all of them when absent.' }),
    }),
    answer: {
      status: 200,
      description: 'One row a line.',
      contentType: 'application/x-ndjson',
      schema: callbackRow,
    },
    handle({ query: { format, limit = Number.POSITIVE_INFINITY, ...filters } }) {
      const read = (size: number, after: string | undefined) =>
        reader.pageText(toLedgerFilter(filters, { limit: size, after }, clock.wall()), format)
      return exportCallbacks(format, limit, read)
    },
  })
}

function one({ reader }: AdminParts): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/callbacks/{id}',
    role: 'read',
    tag,
    summary: 'Show one callback with its request and attempts',
    params: byId,
    answer: { status: 200, description: 'The callback.', schema: callbackDetail },
    async handle({ params: { id } }) {
      return json((await reader.callback(id)) ?? unknownCallback(id))
    },
  })
}

function attempts({ reader }: AdminParts): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/callbacks/{id}/attempts',
    role: 'read',
    tag,
    summary: 'List the attempts of one callback, first one first',
    params: byId,
    answer: { status: 200, description: 'The attempts.', schema: listOf(attemptRow) },
    async handle({ params: { id } }) {
      const rows = await reader.attempts(id)
      // A callback without attempts (filtered, rejected) is not an unknown one.
      if (rows.length === 0 && (await reader.callback(id)) === undefined) unknownCallback(id)
      return json({ rows })
    },
  })
}

function unknownCallback(id: string): never {
  throw new RingbackError('not_found', `No callback has the id ${id}; it may have been pruned.`)
}
