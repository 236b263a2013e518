import { z } from 'zod'

import { RingbackError } from '../../errors.ts'
import { type Endpoint, endpoint, json } from '../endpoint.ts'
import type { AdminParts, ReplayOrder } from '../parts.ts'
import { callbackFilters, toLedgerFilter } from './query.ts'
import { replayView } from '../rescue-schemas.ts'
import { listOf } from '../schemas.ts'

const tag = 'Rescue'
const id = z.string().regex(/^[0-9A-Za-z]{1,64}$/, 'is not an id')
const byId = z.strictObject({ id })
const { failed: _, retried: _retried, ...filters } = callbackFilters
const ruled = z.strictObject(filters)

const order = z
  .strictObject({
    ids: z.array(id).min(1).max(10_000).optional().meta({ description: 'These callbacks.' }),
    incident: id.optional().meta({ description: 'The callbacks that an incident hurt.' }),
    ...filters,
    include_delivered: z
      .boolean()
      .default(false)
      .meta({ description: 'Also what a handler has taken already.' }),
    dry_run: z.boolean().default(false).meta({ description: 'Only say what would happen.' }),
    rate: z.int().min(1).max(1000).default(20).meta({ description: 'Attempts a second, at most.' }),
    abort_after: z.int().min(1).max(10_000).default(3).meta({
      description: 'Failures after which the rest is left alone; the first one, the canary, must not fail.',
    }),
    reason: z.string().max(500).default(''),
  })
  .refine((body) => waysOf(body) === 1, 'say which: ids, or incident, or at least one filter')

/** Replays: bring callbacks to their handlers once more. */
export function replayEndpoints({ replays, clock }: AdminParts): readonly Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/api/v1/replays',
      role: 'replay',
      tag,
      summary: 'Plan (dry_run) or start a replay: a canary, then a ramp, until too many fail',
      body: order,
      answer: { status: 200, description: 'The plan, or the replay as it stands.', schema: replayView },
      async handle({ body }) {
        const asked = orderOf(body, clock.wall())
        return json(await (body.dry_run ? replays.plan(asked) : replays.start(asked)))
      },
    }),
    endpoint({
      method: 'GET',
      path: '/api/v1/replays',
      role: 'read',
      tag,
      summary: 'List replays, newest first; a hundred that have ended are kept',
      answer: {
        status: 200,
        description: 'The replays, without their callbacks.',
        schema: listOf(replayView),
      },
      handle: async () => json({ rows: await replays.list() }),
    }),
    endpoint({
      method: 'GET',
      path: '/api/v1/replays/{id}',
      role: 'read',
      tag,
      summary: 'Show a replay with its callbacks',
      params: byId,
      answer: { status: 200, description: 'The replay.', schema: replayView },
      handle: async ({ params }) => json((await replays.get(params.id)) ?? unknownReplay(params.id)),
    }),
    endpoint({
      method: 'DELETE',
      path: '/api/v1/replays/{id}',
      role: 'replay',
      tag,
      summary: 'Cancel a replay; what is under way ends',
      params: byId,
      answer: { status: 200, description: 'The replay as it stands.', schema: replayView },
      handle: async ({ params }) => json((await replays.cancel(params.id)) ?? unknownReplay(params.id)),
    }),
  ]
}

/** In how many ways a request says which callbacks it means; all filters together are one. */
function waysOf(body: z.output<z.ZodObject<typeof filters>> & Pick<ReplayOrder, 'ids' | 'incident'>): number {
  const hasFilter = Object.keys(filters).some((name) => body[name as keyof typeof filters] !== undefined)
  return [body.ids !== undefined, body.incident !== undefined, hasFilter].filter(Boolean).length
}

function orderOf(body: z.output<typeof order>, nowMs: number): ReplayOrder {
  const { ids, incident, include_delivered, dry_run: _, rate, abort_after, reason, ...rest } = body
  const isFiltered = ids === undefined && incident === undefined
  const filter: z.output<typeof ruled> = rest
  return {
    ids,
    incident,
    filter: isFiltered ? toLedgerFilter(filter, { limit: 1, after: undefined }, nowMs) : undefined,
    includeDelivered: include_delivered,
    rate,
    abortAfter: abort_after,
    reason,
  }
}

function unknownReplay(id: string): never {
  throw new RingbackError('not_found', `No replay has the id ${id}; the hundred newest are kept.`)
}
