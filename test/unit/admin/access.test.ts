import { type IncomingMessage, request as httpRequest } from 'node:http'
import { once } from 'node:events'

import { describe, expect, it } from 'vitest'

import type { Problem } from '../../../src/admin/api.ts'
import { adminEndpoints } from '../../../src/admin/endpoints.ts'
import { createAdminServer, exposureProblem } from '../../../src/admin/server.ts'
import { FakeParts, openAccess, openGate, startAdmin, token } from '../../support/admin-parts.ts'

const tokens = [token('reader', 'read'), token('replayer', 'replay'), token('boss', 'admin')]
const rank = { public: 0, read: 1, replay: 2, admin: 3 }

async function ask(
  url: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const request = httpRequest(url, { method, headers, agent: false })
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  if (response.headers['content-type'] === 'text/event-stream') {
    response.destroy()
    return { status: response.statusCode ?? 0, headers: response.headers, body: '' }
  }
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks).toString(),
  }
}

describe('roles', () => {
  const closed = { ...openAccess, hasPublicMetrics: false }
  const endpoints = adminEndpoints(new FakeParts(), { access: () => closed, version: '0', gate: openGate })

  it.each(endpoints.map((each) => [`${each.method} ${each.path}`, each] as const))(
    '%s lets in exactly the roles that cover it',
    async (_name, each) => {
      await using admin = await startAdmin({ tokens, hasPublicMetrics: false })
      const url = admin.url + each.path.replaceAll(/\{\w+\}/g, 'x1')
      const bearers = {
        none: {},
        wrong: { authorization: 'Bearer not-a-token' },
        basic: { authorization: `Basic ${btoa('boss:boss-token-0123456789')}` },
        read: { authorization: 'Bearer reader-token-0123456789' },
        replay: { authorization: 'bearer  replayer-token-0123456789 ' },
        admin: { authorization: 'Bearer boss-token-0123456789' },
      }
      for (const [who, headers] of Object.entries(bearers)) {
        const { status } = await ask(url, headers, each.method)
        const level = who in rank ? rank[who as keyof typeof rank] : 0
        const expected = level >= rank[each.role] ? 'let in' : level === 0 ? 401 : 403
        expect([who, status === 401 || status === 403 ? status : 'let in']).toEqual([who, expected])
      }
    },
  )

  it('asks for a token on paths that do not exist', async () => {
    await using admin = await startAdmin({ tokens })
    expect((await ask(`${admin.url}/api/v1/nothing`, {})).status).toBe(401)
  })
})

describe('tokens', () => {
  it('needs none on loopback while none is configured', async () => {
    await using admin = await startAdmin()
    expect((await ask(`${admin.url}/api/v1/status`, {})).status).toBe(200)
  })

  it('does not take a request that came through a proxy for a local one', async () => {
    await using admin = await startAdmin()
    const { status } = await ask(`${admin.url}/api/v1/status`, { 'x-forwarded-for': '203.0.113.9' })
    expect(status).toBe(401)
  })

  it('refuses to listen for other machines without a token', async () => {
    expect(exposureProblem('127.0.0.1', [])).toBeUndefined()
    expect(exposureProblem('[::1]', [])).toBeUndefined()
    expect(exposureProblem('localhost', [])).toBeUndefined()
    expect(exposureProblem('0.0.0.0', tokens)).toBeUndefined()
    for (const host of ['0.0.0.0', '::', '10.0.0.5', '127.evil.test', 'ringback']) {
      expect(exposureProblem(host, [])).toContain('admin.tokens')
    }
    const options = {
      host: '0.0.0.0',
      port: 0,
      access: () => openAccess,
      version: '0',
      pageFolder: 'no-such-folder',
    }
    await expect(createAdminServer(new FakeParts(), options).listen()).rejects.toMatchObject({
      code: 'config',
    })
  })

  it('answers 429 after ten wrong tokens in a minute, even to a right one, and says when to come back', async () => {
    await using admin = await startAdmin({ tokens })
    const url = `${admin.url}/api/v1/status`
    for (let i = 0; i < 10; i++) {
      expect((await ask(url, { authorization: `Bearer wrong-${i}` })).status).toBe(401)
    }
    const refused = await ask(url, { authorization: 'Bearer boss-token-0123456789' })
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60)
    expect((await ask(`${admin.url}/healthz`, {})).status).toBe(200)
  })

  it('does not count a missing token as a wrong one', async () => {
    await using admin = await startAdmin({ tokens })
    for (let i = 0; i < 12; i++) expect((await ask(`${admin.url}/api/v1/status`, {})).status).toBe(401)
    const good = await ask(`${admin.url}/api/v1/status`, { authorization: 'Bearer boss-token-0123456789' })
    expect(good.status).toBe(200)
  })

  it('writes down who asked for each change, and how it ended', async () => {
    await using admin = await startAdmin({ tokens })
    await ask(`${admin.url}/api/v1/reload`, { authorization: 'Bearer boss-token-0123456789' }, 'POST')
    await ask(`${admin.url}/api/v1/reload`, { authorization: 'Bearer reader-token-0123456789' }, 'POST')
    await expect.poll(() => admin.parts.audited.length).toBe(2)
    expect(admin.parts.audited).toMatchObject([
      { who: 'boss', role: 'admin', action: 'POST /api/v1/reload', status: 200 },
      { who: 'reader', role: 'read', action: 'POST /api/v1/reload', status: 403 },
    ])
  })
})

describe('pages of other sites', () => {
  it.each(['evil.test', 'evil.test:8081', '127.0.0.1.evil.test', 'localhost.evil.test', 'user@localhost'])(
    'are not answered by the name %j that was rebound to this machine',
    async (host) => {
      await using admin = await startAdmin()
      for (const path of ['/api/v1/status', '/metrics', '/healthz', '/nothing']) {
        const { status } = await ask(admin.url + path, { host })
        expect([path, status]).toEqual([path, expect.toBeOneOf([400, 421])])
      }
    },
  )

  it('may use the names that the port is known by', async () => {
    await using admin = await startAdmin({ hostNames: ['ringback.example.com'] })
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:8081', 'RINGBACK.example.com', '10.1.2.3']) {
      expect((await ask(`${admin.url}/api/v1/status`, { host })).status).toBe(200)
    }
  })

  it('lets monitors use any name once tokens are needed', async () => {
    await using admin = await startAdmin({ tokens })
    expect((await ask(`${admin.url}/metrics`, { host: 'ringback:8081' })).status).toBe(200)
    expect((await ask(`${admin.url}/api/v1/status`, { host: 'ringback:8081' })).status).toBe(421)
  })

  it.each(['null', 'https://evil.test', 'http://127.0.0.1.evil.test', 'chrome-extension://abc', 'file://'])(
    'with the origin %s are refused',
    async (origin) => {
      await using admin = await startAdmin()
      for (const method of ['GET', 'POST']) {
        expect((await ask(`${admin.url}/api/v1/reload`, { origin }, method)).status).toBe(403)
      }
      expect(admin.parts.audited).toEqual([])
    },
  )

  it('cannot have a browser change something without an origin either', async () => {
    await using admin = await startAdmin()
    const { status } = await ask(`${admin.url}/api/v1/reload`, { 'sec-fetch-site': 'cross-site' }, 'POST')
    expect(status).toBe(403)
  })

  it('get no permission to read, frame, sniff or cache', async () => {
    await using admin = await startAdmin()
    const { headers } = await ask(`${admin.url}/api/v1/status`, { origin: admin.url })
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    })
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

async function problem(url: string, init: RequestInit = {}): Promise<Problem> {
  const response = await fetch(url, init)
  expect(response.headers.get('content-type')).toContain('application/problem+json')
  const document = (await response.json()) as Problem
  expect(document.status).toBe(response.status)
  return document
}

describe('problems', () => {
  it('name the field that is wrong, all fields at once', async () => {
    await using admin = await startAdmin()
    const found = await problem(`${admin.url}/api/v1/callbacks?limit=0&result=nope&sinze=2h`)
    expect(found).toMatchObject({ status: 400, code: 'invalid_request', title: 'Bad request' })
    expect(found.errors?.map(({ field }) => field).toSorted()).toEqual([
      'query',
      'query.limit',
      'query.result',
    ])
  })

  it('stand for what Fastify refuses as well', async () => {
    await using admin = await startAdmin()
    const url = `${admin.url}/api/v1/calls`
    const send = (type: string, body: string) =>
      problem(url, { method: 'POST', headers: { 'content-type': type }, body })
    expect(await send('application/json', '{"a":')).toMatchObject({ status: 400 })
    expect(await send('text/plain', 'x')).toMatchObject({ status: 415 })
    expect(await send('application/json', `"${'x'.repeat(70_000)}"`)).toMatchObject({ status: 413 })
    expect(await send('application/json', '{"__proto__":{"x":1}}')).toMatchObject({ status: 400 })
  })

  it('tell an unknown path from a wrong method', async () => {
    await using admin = await startAdmin()
    expect(await problem(`${admin.url}/nothing`)).toMatchObject({ status: 404 })
    const wrong = await fetch(`${admin.url}/api/v1/callbacks/x`, { method: 'DELETE' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET'])
  })

  it('say that the ledger cannot be read, and keep what nobody foresaw out of the answer', async () => {
    await using admin = await startAdmin()
    admin.parts.ledgerProblem = 'disk I/O error'
    expect(await problem(`${admin.url}/api/v1/callbacks`)).toMatchObject({ status: 503, code: 'ledger' })
    admin.parts.metricsText = () => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('password=hunter2')) }),
    })
    const unforeseen = await problem(`${admin.url}/metrics`)
    expect(unforeseen).toMatchObject({ status: 500, code: 'internal' })
    expect(JSON.stringify(unforeseen)).not.toContain('hunter2')
    expect(admin.parts.failures).toHaveLength(1)
  })
})
