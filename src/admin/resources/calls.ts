import { randomBytes } from 'node:crypto'

import { z } from 'zod'

import { longEventName } from '../../callback/event.ts'
import { RingbackError } from '../../errors.ts'
import type { Registration } from '../../ledger/ledger.ts'
import type { CallRegistration } from '../api.ts'
import { type Endpoint, endpoint, json } from '../endpoint.ts'
import type { AdminParts } from '../parts.ts'
import { durationParam } from './query.ts'
import { callView, registeredCall } from '../schemas.ts'

const tag = 'Calls'
const DAY_MS = 86_400_000

const callbackUrl = z
  .string()
  .max(2048)
  .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be an http or https URL')

const registration = z
  .strictObject({
    account: z.string().min(1).max(64),
    call_id: z.string().min(1).max(128).optional(),
    callback_url: callbackUrl,
    fallback_callback_url: callbackUrl.optional(),
    callback_method: z.enum(['GET', 'POST']).default('POST'),
    callback_events: z
      .array(z.string().refine((name) => longEventName(name) !== undefined, 'is not a known event'))
      .max(64)
      .default([])
      .meta({ description: 'Long or short names; empty means all.' }),
    expires_in: durationParam(1000, 30 * DAY_MS)
      .prefault('24h')
      .meta({ description: 'Such as `2h`; at most 30d, 24h when absent.' }),
  })
  .meta({ id: 'CallRegistration' }) satisfies z.ZodType<unknown, CallRegistration>

/** The callbacks of one call, and callback URLs that hold for one call only. */
export function callEndpoints(parts: AdminParts): readonly Endpoint[] {
  return [show(parts), register(parts), remove(parts)]
}

function show({ reader }: AdminParts): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/calls/{callId}',
    role: 'read',
    tag,
    summary: 'Show every callback of one call, oldest first',
    params: z.strictObject({ callId: z.string().min(1).max(128) }),
    answer: { status: 200, description: 'The call.', schema: callView },
    async handle({ params: { callId } }) {
      const callbacks = await reader.call(callId)
      if (callbacks.length === 0) throw new RingbackError('not_found', 'No callback belongs to this call id.')
      return json({ call_id: callId, callbacks })
    },
  })
}

function register({ calls, clock }: AdminParts): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/api/v1/calls',
    role: 'admin',
    tag,
    summary: 'Register a callback URL for one call',
    body: registration,
    answer: { status: 201, description: 'What to give the provider.', schema: registeredCall },
    async handle({ body }) {
      const now = clock.wall()
      const made: Registration = {
        token: randomBytes(24).toString('base64url'),
        account: body.account,
        call_id: body.call_id ?? '',
        route: '',
        target: body.callback_url,
        fallback_target: body.fallback_callback_url ?? '',
        method: body.callback_method,
        events: body.callback_events.map((name) => longEventName(name) ?? name),
        created_at: now,
        expires_at: now + body.expires_in,
      }
      const publicUrl = await calls.register(made)
      return json({ token: made.token, public_url: publicUrl, expires_at: made.expires_at }, 201)
    },
  })
}

function remove({ calls }: AdminParts): Endpoint {
  return endpoint({
    method: 'DELETE',
    path: '/api/v1/calls/{token}',
    role: 'admin',
    tag,
    summary: 'Remove a registered callback URL',
    params: z.strictObject({ token: z.string().regex(/^[\w-]{1,128}$/, 'is not a token') }),
    answer: { status: 204, description: 'Removed.' },
    async handle({ params: { token } }) {
      if (await calls.remove(token)) return { kind: 'empty' }
      throw new RingbackError('not_found', 'No registration has this token; it may have expired.')
    },
  })
}
