import { z } from 'zod'

import { eventNames, longEventName } from '../../callback/event.ts'
import { dialectNames } from '../../verify/dialects.ts'
import { type Endpoint, endpoint, json } from '../endpoint.ts'
import type { AdminParts } from '../parts.ts'
import { statusView, testCallbackResult } from '../schemas.ts'

const tag = 'Operations'
const name = z.string().min(1).max(64)

const testCallback = z
  .strictObject({
    event: z
      .string()
      .default('call.completed')
      .transform((text, context) => {
        const long = longEventName(text)
        if (long !== undefined && eventNames.includes(long)) return long
        context.addIssue({ code: 'custom', message: 'is not a known event' })
        return z.NEVER
      }),
    account: name.optional(),
    application: name.optional(),
    trunk: name.optional(),
    dialect: z.enum(dialectNames).optional(),
    fields: z
      .record(z.string().max(64), z.string().max(1024))
      .optional()
      .meta({ description: 'Fields of the body that replace the sample’s.' }),
  })
  .meta({ id: 'TestCallbackRequest' })

/** The daemon itself: its state, a callback to try it out. */
export function operationEndpoints(parts: AdminParts): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/status',
      role: 'read',
      tag,
      summary: 'Show the state of the daemon',
      answer: { status: 200, description: 'The state.', schema: statusView },
      async handle() {
        return json(await parts.status())
      },
    }),
    endpoint({
      method: 'POST',
      path: '/api/v1/test-callback',
      role: 'replay',
      tag,
      summary: 'Send a signed test callback through the public port',
      body: testCallback.prefault({}),
      answer: { status: 200, description: 'What the provider would have seen.', schema: testCallbackResult },
      async handle({ body }) {
        return json(await parts.testCallback(body))
      },
    }),
  ]
}
