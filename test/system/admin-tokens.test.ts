import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { Problem } from '../../src/admin/api.ts'
import { type RunningRingback, startRingback } from '../support/start-ringback.ts'

// Every operation of the OpenAPI document of a real daemon, asked with a token of each role; then wrong tokens.

type Role = 'read' | 'replay' | 'admin'
const env = {
  READ: 'read-token-0123456789',
  REPLAY: 'replay-token-0123456789',
  ADMIN: 'admin-token-0123456789',
}
const secrets = { nobody: undefined, read: env.READ, replay: env.REPLAY, admin: env.ADMIN }

/** What asks for more than to read, and what asks for nothing; a new operation that is in neither has to be a question. */
const needed: Readonly<Record<Exclude<Role, 'read'> | 'public', readonly string[]>> = {
  public: [
    'GET /healthz',
    'GET /readyz',
    'GET /metrics',
    'GET /api/openapi.json',
    'GET /api/docs',
    'GET /api/v1/session',
    'POST /api/v1/session',
    'DELETE /api/v1/session',
  ],
  replay: [
    'POST /api/v1/incidents/{id}/ack',
    'POST /api/v1/silences',
    'DELETE /api/v1/silences/{id}',
    'POST /api/v1/markers',
    'POST /api/v1/alerts/test',
    'POST /api/v1/drills',
    'POST /api/v1/test-callback',
    'POST /api/v1/dead-letters/requeue',
    'POST /api/v1/replays',
    'DELETE /api/v1/replays/{id}',
    'POST /api/v1/reconciliation',
  ],
  admin: [
    'POST /api/v1/calls',
    'DELETE /api/v1/calls/{token}',
    'POST /api/v1/reload',
    'POST /api/v1/dead-letters/discard',
    'POST /api/v1/trial',
  ],
}

let ringback: RunningRingback
let operations: readonly { readonly name: string; readonly role: string }[]
beforeAll(async () => {
  const tokens = (['read', 'replay', 'admin'] as const).map(
    (role) => `{ name: ${role}, role: ${role}, token: { env: ${role.toUpperCase()} } }`,
  )
  ringback = await startRingback(
    `public_url: https://callbacks.example.com
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:0, tokens: [${tokens.join(', ')}] }
store: sqlite:ringback.db
routes: [{ id: r, path: /r/, target: 'https://api.example.com/', signature: off }]
`,
    { env },
  )
  const { paths } = (await (await fetch(`${ringback.adminUrl}/api/openapi.json`)).json()) as {
    paths: Readonly<Record<string, Readonly<Record<string, { 'x-role': string }>>>>
  }
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { 'x-role': role }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      role,
    })),
  )
})
afterAll(() => ringback[Symbol.asyncDispose]())

/** Asks in a way that changes nothing: what is let in is refused for its body, or does not exist. */
async function ask(name: string, secret: string | undefined): Promise<Response> {
  const [method = '', path = ''] = name.split(' ')
  const response = await fetch(ringback.adminUrl + path.replaceAll(/\{\w+\}/g, 'x1'), {
    method,
    headers: {
      ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
      ...(method === 'POST' && { 'content-type': 'text/plain' }),
    },
    ...(method === 'POST' && { body: 'x' }),
  })
  if (response.headers.get('content-type') === 'text/event-stream') await response.body?.cancel()
  return response
}

function roleOf(name: string): Role | 'public' {
  return (['public', 'replay', 'admin'] as const).find((role) => needed[role].includes(name)) ?? 'read'
}

it('lets exactly those roles in to each operation that its document says, and that are meant', async () => {
  expect(operations.length).toBeGreaterThan(40)
  const table = operations.map(async ({ name, role }) => {
    const answers = Object.entries(secrets).map(async ([who, secret]) => {
      const { status } = await ask(name, secret)
      return [who, status === 401 || status === 403 ? status : 'in'] as const
    })
    return [name, { says: role, ...Object.fromEntries(await Promise.all(answers)) }] as const
  })
  const rows = {
    public: { says: 'public', nobody: 'in', read: 'in', replay: 'in', admin: 'in' },
    read: { says: 'read', nobody: 401, read: 'in', replay: 'in', admin: 'in' },
    replay: { says: 'replay', nobody: 401, read: 403, replay: 'in', admin: 'in' },
    admin: { says: 'admin', nobody: 401, read: 403, replay: 403, admin: 'in' },
  }
  expect(Object.fromEntries(await Promise.all(table))).toEqual(
    Object.fromEntries(operations.map(({ name }) => [name, rows[roleOf(name)]])),
  )
})

describe('wrong tokens', () => {
  it('are refused ten times a minute, then nobody from there is let in for a while; callbacks are not touched', async () => {
    const statuses: number[] = []
    for (let n = 0; n < 12; n++) statuses.push((await ask('GET /api/v1/status', `wrong-${n}`)).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429])
    const right = await ask('GET /api/v1/status', env.ADMIN)
    expect(right.status).toBe(429)
    expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(50)
    expect(((await right.json()) as Problem).code).toBe('too_many_failures')
    const signIn = await fetch(`${ringback.adminUrl}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: env.ADMIN }),
    })
    expect(signIn.status).toBe(429)
    expect((await ask('GET /healthz', undefined)).status).toBe(200)
    expect((await fetch(`${ringback.publicUrl}/nothing-here`, { method: 'POST' })).status).toBe(404)
    expect(ringback.logs()).not.toMatch(/wrong-\d|token-0123456789/)
  })
})
