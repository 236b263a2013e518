import { z } from 'zod'

import { RingbackError } from '../../errors.ts'
import { type Endpoint, endpoint, json } from '../endpoint.ts'
import type { AdminParts } from '../parts.ts'
import { trialView } from '../schemas.ts'

const tag = 'Trial'
const answer = { status: 200, description: 'How the sample handler behaves.', schema: trialView }
const change = z.strictObject({ handler: z.enum(['healthy', 'broken']) }).meta({ id: 'TrialRequest' })

/** The sample handler of the trial configuration, to be broken and mended by a newcomer. */
export function trialEndpoints(parts: AdminParts): readonly Endpoint[] {
  const handler = (): NonNullable<AdminParts['trial']> => {
    if (parts.trial !== undefined) return parts.trial
    throw new RingbackError(
      'not_found',
      'Only the trial configuration has a sample handler; this daemon runs on a file.',
    )
  }
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/trial',
      role: 'read',
      tag,
      summary: 'Show how the sample handler behaves (trial configuration only)',
      answer,
      handle: () => json({ handler: handler().mode() }),
    }),
    endpoint({
      method: 'POST',
      path: '/api/v1/trial',
      role: 'admin',
      tag,
      summary: 'Break or mend the sample handler (trial configuration only)',
      body: change,
      answer,
      handle({ body }) {
        handler().setMode(body.handler)
        return json({ handler: handler().mode() })
      },
    }),
  ]
}
