import { request } from 'node:http'

import { describe, expect, it } from 'vitest'

import type { SessionView } from '../../../src/admin/api.ts'
import { callbackRow, startAdmin, token } from '../../support/admin-parts.ts'

// What a reload changes of who may ask. A reload reads every token anew, so none is ever the same object.

const boss = () => token('boss', 'admin')
const leaver = () => token('leaver', 'read')

const status = async (url: string, headers: Record<string, string>): Promise<number> =>
  (await fetch(`${url}/api/v1/status`, { headers })).status
const bearer = (name: string) => ({ authorization: `Bearer ${name}-token-0123456789` })

async function signIn(url: string, name: string): Promise<{ readonly cookie: string }> {
  const response = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: `${name}-token-0123456789` }),
  })
  return { cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
}

describe('a token', () => {
  it('that is taken away is refused, one that is added let in, one that stays goes on', async () => {
    await using admin = await startAdmin({ tokens: [boss(), leaver()] })
    expect(await status(admin.url, bearer('leaver'))).toBe(200)
    admin.configure({ tokens: [boss(), token('newcomer', 'read')] })
    expect(await status(admin.url, bearer('leaver'))).toBe(401)
    expect(await status(admin.url, bearer('newcomer'))).toBe(200)
    expect(await status(admin.url, bearer('boss'))).toBe(200)
  })

  it('has the role that it is given now', async () => {
    await using admin = await startAdmin({ tokens: [boss(), leaver()] })
    const reload = async () =>
      (await fetch(`${admin.url}/api/v1/reload`, { method: 'POST', headers: bearer('boss') })).status
    expect(await reload()).toBe(200)
    admin.configure({ tokens: [token('boss', 'read'), leaver()] })
    expect(await reload()).toBe(403)
  })

  it('is needed once one is configured, and no more when none is', async () => {
    await using admin = await startAdmin()
    expect(await status(admin.url, {})).toBe(200)
    admin.configure({ tokens: [boss()] })
    expect(await status(admin.url, {})).toBe(401)
    admin.configure({ tokens: [] })
    expect(await status(admin.url, {})).toBe(200)
  })
})

describe('a session', () => {
  it.each([
    ['is gone', [boss()]],
    ['has another role', [boss(), token('leaver', 'replay')]],
    ['has another content', [boss(), { ...leaver(), token: { reveal: () => 'another-token-0123456789' } }]],
    ['has another name', [boss(), { ...leaver(), name: 'another' }]],
  ])('ends when its token %s, and others go on', async (_how, tokens) => {
    await using admin = await startAdmin({ tokens: [boss(), leaver()] })
    const [stays, ends] = [await signIn(admin.url, 'boss'), await signIn(admin.url, 'leaver')]
    expect([await status(admin.url, stays), await status(admin.url, ends)]).toEqual([200, 200])
    admin.configure({ tokens })
    expect([await status(admin.url, stays), await status(admin.url, ends)]).toEqual([200, 401])
    const shown = await fetch(`${admin.url}/api/v1/session`, { headers: ends })
    expect(((await shown.json()) as SessionView).name).toBeNull()
  })
})

describe('a stream', () => {
  it('ends when its token is gone, without telling what happened since; others go on', async () => {
    await using admin = await startAdmin({ tokens: [boss(), leaver()] })
    const follow = (name: string) => fetch(`${admin.url}/api/v1/stream`, { headers: bearer(name) })
    const [stays, ends] = [await follow('boss'), await follow('leaver')]
    await expect.poll(() => admin.parts.listeners.size).toBe(2)
    admin.configure({ tokens: [boss()] })
    admin.parts.tell({ type: 'callback', at: 1000, data: callbackRow({ id: '01KAJ0001' }) })
    expect(await ends.text()).toBe('retry: 2000\n\n')
    expect(admin.parts.listeners.size).toBe(1)
    await stays.body?.cancel()
  })

  it('that needed no token ends when one is configured', async () => {
    await using admin = await startAdmin()
    const response = await fetch(`${admin.url}/api/v1/stream`)
    await expect.poll(() => admin.parts.listeners.size).toBe(1)
    admin.configure({ tokens: [boss()] })
    admin.parts.tell({ type: 'callback', at: 1000, data: callbackRow({ id: '01KAJ0001' }) })
    expect(await response.text()).not.toContain('01KAJ0001')
  })
})

it('closes and opens /metrics, and its document says so', async () => {
  await using admin = await startAdmin({ tokens: [boss()] })
  const seen = async () => {
    const document = (await (await fetch(`${admin.url}/api/openapi.json`)).json()) as {
      readonly paths: Readonly<Record<string, { readonly get: { readonly 'x-role': string } }>>
    }
    return [(await fetch(`${admin.url}/metrics`)).status, document.paths['/metrics']?.get['x-role']]
  }
  expect(await seen()).toEqual([200, 'public'])
  admin.configure({ hasPublicMetrics: false })
  expect(await seen()).toEqual([401, 'read'])
  admin.configure({ hasPublicMetrics: true })
  expect(await seen()).toEqual([200, 'public'])
})

it('lets people use another name for the port', async () => {
  await using admin = await startAdmin({ hostNames: ['old.example.com'] })
  const { port } = new URL(admin.url)
  const ask = async (host: string): Promise<number> => {
    const { promise, resolve } = Promise.withResolvers<number>()
    request({ port, path: '/api/v1/status', headers: { host }, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    }).end()
    return promise
  }
  admin.configure({ hostNames: ['new.example.com'] })
  expect([await ask('old.example.com'), await ask('new.example.com')]).toEqual([421, 200])
})
