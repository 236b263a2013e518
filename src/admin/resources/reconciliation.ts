import { setTimeout } from 'node:timers/promises'

import { z } from 'zod'

import { RingbackError } from '../../errors.ts'
import { findingNames, type ReconciliationView } from '../../reconcile/report.ts'
import { type Endpoint, endpoint, json } from '../endpoint.ts'
import type { AdminParts } from '../parts.ts'
import { named } from '../schemas.ts'
import { limitParam } from './query.ts'

const tag = 'Reconciliation'
/** Clients give up after 15 s. */
const MOST_WAIT_MS = 10_000
const notConfigured =
  'Nothing is reconciled: write reconciliation: {} into the configuration, and auth_token at the account.'
const time = z.int().meta({ description: 'Milliseconds since the epoch.' })
const count = z.int()

const reconciliationView = named<ReconciliationView>()('Reconciliation', {
  is_configured: z.boolean().meta({ description: 'False without `reconciliation` in the configuration.' }),
  accounts: z.array(
    z.strictObject({
      account: z.string(),
      ran_at: time.nullable(),
      succeeded_at: time.nullable(),
      next_at: time,
      problem: z.string().meta({ description: 'Why the last reading failed; empty when it did not.' }),
      from: time,
      to: time,
      calls: z.strictObject({
        ok: count,
        no_callback: count,
        no_end: count,
        step_missing: count,
        answer_blamed: count,
      }),
      is_complete: z
        .boolean()
        .meta({ description: 'False when there were more records than are read at once.' }),
    }),
  ),
  findings: z
    .array(
      z.strictObject({
        account: z.string(),
        call_id: z.string(),
        finding: z.enum(findingNames),
        reason: z.string(),
        direction: z.string(),
        started_at: time,
        ended_at: time,
        hangup_cause: z.string(),
        hangup_cause_code: z.int().nullable(),
        hangup_cause_name: z.string(),
        hangup_source: z.string(),
        callback_id: z.string(),
      }),
    )
    .meta({ description: 'Calls that do not fit, newest first.' }),
})

/** What the call records of the provider say that the ledger does not. */
export function reconciliationEndpoints({ reconciliation }: AdminParts): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/reconciliation',
      role: 'read',
      tag,
      summary: 'Show which calls of the provider’s records do not fit their callbacks',
      query: z.strictObject({
        account: z.string().min(1).max(64).optional(),
        finding: z.enum(findingNames).optional(),
        limit: limitParam.default(1000),
      }),
      answer: { status: 200, description: 'The last reading of each account.', schema: reconciliationView },
      handle({ query }) {
        const { findings, ...rest } = reconciliation.report()
        const wanted = findings.filter(
          (each) =>
            (query.account === undefined || each.account === query.account) &&
            (query.finding === undefined || each.finding === query.finding),
        )
        return json({ ...rest, findings: wanted.slice(0, query.limit) })
      },
    }),
    endpoint({
      method: 'POST',
      path: '/api/v1/reconciliation',
      role: 'replay',
      tag,
      summary: 'Read the call records now instead of at the next time',
      answer: {
        status: 200,
        description: 'The reading; the one before where it takes longer than a few seconds, see `ran_at`.',
        schema: reconciliationView,
      },
      async handle() {
        if (!reconciliation.report().is_configured) throw new RingbackError('not_found', notConfigured)
        await Promise.race([reconciliation.run(), setTimeout(MOST_WAIT_MS, undefined, { ref: false })])
        return json(reconciliation.report())
      },
    }),
  ]
}
