import { z } from 'zod'

import { type Endpoint, endpoint, json, type RawRequest } from '../endpoint.ts'
import type { Gate } from './gate.ts'
import { sessionView } from '../schemas.ts'
import { sessionCookie } from './sessions.ts'

const tag = 'Page'

/** How a browser signs in: a token once, a cookie that scripts cannot read from then on. */
export function signInEndpoints(gate: Gate): readonly Endpoint[] {
  return [show(gate), signIn(gate), signOut(gate)]
}

function show(gate: Gate): Endpoint {
  return endpoint({
    method: 'GET',
    path: '/api/v1/session',
    role: 'public',
    tag,
    summary: 'Show who asks, and whether a token is needed',
    answer: { status: 200, description: 'The session.', schema: sessionView },
    handle: ({ request }) => json(gate.session(request.visitor)),
  })
}

function signIn(gate: Gate): Endpoint {
  return endpoint({
    method: 'POST',
    path: '/api/v1/session',
    role: 'public',
    tag,
    summary: 'Sign a browser in with a token; answers with a session cookie',
    body: z.strictObject({ token: z.string().min(1).max(512) }).meta({ id: 'SignIn' }),
    answer: { status: 200, description: 'Signed in.', schema: sessionView },
    handle({ body, request }) {
      const { id, lifetimeMs } = gate.signIn(request.visitor, body.token)
      return {
        ...json(gate.session(request.visitor)),
        headers: { 'set-cookie': sessionCookie(id, { maxAgeMs: lifetimeMs, isSecure: isOverTls(request) }) },
      }
    },
  })
}

function signOut(gate: Gate): Endpoint {
  return endpoint({
    method: 'DELETE',
    path: '/api/v1/session',
    role: 'public',
    tag,
    summary: 'Sign the browser out',
    answer: { status: 204, description: 'Signed out.' },
    handle({ request }) {
      gate.signOut(request.visitor)
      const headers = { 'set-cookie': sessionCookie('', { maxAgeMs: 0, isSecure: isOverTls(request) }) }
      return { kind: 'empty', headers }
    },
  })
}

/** Browsers name the scheme of the page in Origin, also where a proxy ends TLS. */
function isOverTls({ headers }: RawRequest): boolean {
  return String(headers['origin'] ?? '').startsWith('https:')
}
