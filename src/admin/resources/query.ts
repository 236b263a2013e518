import { z } from 'zod'

import { deliveryResults } from '../../callback/attempt.ts'
import { eventNames, longEventName } from '../../callback/event.ts'
import { outcomes } from '../../callback/outcome.ts'
import { parseDuration } from '../../config/units.ts'
import type { CallbackFilter } from '../../ledger/rows.ts'

/** A moment as a client may write it; a function of now, because `2h` means two hours ago. */
export type Moment = (nowMs: number) => number

/** `2h` (that long ago), `2026-11-23T14:02:00Z`, or milliseconds since the epoch. */
export const moment = z
  .string()
  .meta({
    description:
      'A duration such as `2h` (that long ago), an ISO 8601 time, or milliseconds since the epoch.',
    examples: ['2h', '2026-11-23T14:02:00Z'],
  })
  .transform((text, context): Moment => {
    const ago = parseDuration(text)
    if (ago !== undefined) return (nowMs) => Math.max(0, nowMs - ago)
    const at = /^\d{1,15}$/.test(text) ? Number(text) : isoTime(text)
    if (Number.isFinite(at)) return () => at
    context.addIssue({
      code: 'custom',
      message: 'must be a duration such as 2h, an ISO 8601 time or milliseconds since the epoch',
    })
    return z.NEVER
  })

/** A local time without zone would mean something else on every machine; it is read as UTC. */
function isoTime(text: string): number {
  if (!/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)) return Number.NaN
  const normal = text.replace(' ', 'T')
  return Date.parse(/T.*(Z|[+-]\d\d:\d\d)$/.test(normal) || !normal.includes('T') ? normal : `${normal}Z`)
}

/** A duration such as `90s` or `24h`, as milliseconds. */
export function durationParam(leastMs: number, mostMs: number) {
  return z.string().transform((text, context) => {
    const ms = parseDuration(text)
    if (ms !== undefined && ms >= leastMs && ms <= mostMs) return ms
    context.addIssue({ code: 'custom', message: 'must be a duration such as 90s or 24h, within bounds' })
    return z.NEVER
  })
}

export const limitParam = z.coerce.number().int().min(1).max(1000)
/** Opaque to clients; only its shape is checked here. */
export const cursorParam = z.string().regex(/^[\w.:=~-]{1,200}$/, 'is not a cursor of this list')

const event = z
  .string()
  .max(64)
  .meta({ description: 'An event in long or short form, such as `call.completed`, `completed`, `Hangup`.' })
  .transform((name, context) => {
    const long = eventNames.includes(name) ? name : longEventName(name)
    if (long !== undefined) return long
    context.addIssue({ code: 'custom', message: 'is not a known event' })
    return z.NEVER
  })

/** What narrows a list of callbacks. */
export const callbackFilters = {
  route: z.string().min(1).max(64).optional(),
  event: event.optional(),
  call_id: z.string().min(1).max(128).optional(),
  result: z.enum([...deliveryResults, 'pending']).optional(),
  outcome: z.enum(outcomes).optional().meta({ description: 'Outcome of the last attempt.' }),
  failed: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .meta({ description: 'Only what failed, was rescued, is dead or was rejected.' }),
  retried: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .meta({ description: 'Only what was tried more than once.' }),
  since: moment.optional(),
  until: moment.optional(),
}

const filterObject = z.strictObject(callbackFilters)

/** The ledger's filter for checked query parameters. */
export function toLedgerFilter(
  query: z.output<typeof filterObject>,
  page: { readonly limit: number; readonly after: string | undefined },
  nowMs: number,
): CallbackFilter {
  const { since, until, failed, retried, ...rest } = query
  return {
    ...rest,
    failed: failed === true ? true : undefined,
    retried: retried === true ? true : undefined,
    since: since?.(nowMs),
    until: until?.(nowMs),
    limit: page.limit,
    after: page.after,
  }
}
