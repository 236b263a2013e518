import { describe, expect, it } from 'vitest'

import { isWanted } from '../../../src/callback/event.ts'
import { alertThresholds } from '../../../src/routing/alert-thresholds.ts'
import { keyRings } from '../../../src/routing/key-rings.ts'
import { publicUrls } from '../../../src/routing/public-urls.ts'
import { createRouteTable, type RouteTable } from '../../../src/routing/table.ts'
import { configOf, facts, key, registration } from './config-of.ts'

const application = { id: 'app-1', callback_url: 'https://app.example.com/' }
const trunk = { id: 'trunk-1', status_callback: 'https://trunk.example.com/' }
const account = {
  id: 'MA_1',
  webhook_secret: key,
  default_callback_url: 'https://default.example.com/',
  applications: [application],
  trunks: [trunk],
}
const config = configOf({ accounts: [account, { id: 'MA_2', webhook_secret: key }] })

function routeAt(
  table: RouteTable,
  path: string,
  some: Parameters<typeof facts>[0] = {},
): string | undefined {
  const scope = table.scopeOf(path)
  return scope === undefined ? undefined : table.resolve(scope, facts(some))?.id
}

describe('the hierarchy', () => {
  const table = createRouteTable(config, [registration()])
  const root = '/vobiz/MA_1'

  it.each([
    [
      'call before application',
      root,
      { callId: 'call-1', application: 'app-1', trunk: 'trunk-1' },
      'MA_1.calls',
    ],
    ['application before trunk', root, { application: 'app-1', trunk: 'trunk-1' }, 'app-1'],
    ['trunk before default', root, { trunk: 'trunk-1' }, 'trunk-1'],
    ['default for what nothing claims', root, {}, 'MA_1'],
    ['default for unknown ids', root, { callId: 'x', application: 'x', trunk: 'x' }, 'MA_1'],
    [
      'an application by its own URL, whatever the payload names',
      `${root}/applications/app-1`,
      { trunk: 'trunk-1', application: 'x' },
      'app-1',
    ],
    [
      'a registered call before the application’s own URL',
      `${root}/applications/app-1`,
      { callId: 'call-1' },
      'MA_1.calls',
    ],
    [
      'a registered call before the trunk’s own URL',
      `${root}/trunks/trunk-1`,
      { callId: 'call-1' },
      'MA_1.calls',
    ],
    ['a trunk by its own URL', `${root}/trunks/trunk-1`, { application: 'app-1' }, 'trunk-1'],
    ['the account for an application that is gone', `${root}/applications/gone`, {}, 'MA_1'],
    ['a token by its URL', '/c/tok-1', { callId: 'another' }, 'MA_1.calls'],
    [
      'nobody’s calls in another account',
      '/vobiz/MA_2',
      { callId: 'call-1', application: 'app-1' },
      undefined,
    ],
  ])('%s', (_, path, some, expected) => {
    expect(routeAt(table, path, some)).toBe(expected)
  })

  it.each([
    '/vobiz',
    '/vobiz/',
    '/vobiz/MA_3',
    '/vobiz/MA_1/',
    '/vobiz/MA_1x',
    '/vobiz//MA_1',
    '/vobiz/%4DA_1',
    '/vobiz/MA_1/applications',
    '/vobiz/MA_1/applications/',
    '/vobiz/MA_1/applications/a/b',
    '/vobiz/MA_1/calls/x',
    '/c/',
    '/c/tok-1/',
    '/c/TOK-1',
    '/c/__proto__',
    '/',
    '',
  ])('nothing stands at %j', (path) => {
    expect(table.scopeOf(path)).toBeUndefined()
  })
})

describe('what a path tells before anything is verified', () => {
  it('is the account, its lock, its signatures and the route to count refusals under', () => {
    const users = [{ user: 'vobiz', password: { env: 'PASSWORD' } }]
    const table = createRouteTable(configOf({ accounts: [{ ...account, basic_auth: users }] }))
    const authorization = `Basic ${Buffer.from('vobiz:pass word').toString('base64')}`
    for (const path of ['/vobiz/MA_1', '/vobiz/MA_1/applications/app-1', '/vobiz/MA_1/trunks/trunk-1']) {
      expect(table.scopeOf(path)).toMatchObject({
        account: 'MA_1',
        signature: 'enforce',
        basicAuth: [authorization],
      })
    }
    expect(table.scopeOf('/vobiz/MA_1')?.route?.id).toBe('MA_1')
  })

  it('is as strict as the strictest route that the payload could name', () => {
    const strict = { ...account, signature: 'warn', applications: [{ ...application, signature: 'enforce' }] }
    const table = createRouteTable(configOf({ accounts: [strict] }))
    expect(table.scopeOf('/vobiz/MA_1')?.signature).toBe('enforce')
    expect(table.scopeOf('/vobiz/MA_1/trunks/trunk-1')?.signature).toBe('warn')
  })

  it('never lets the payload choose a route that needed a stricter check', () => {
    const lax = { ...account, applications: [{ ...application, signature: 'off' }] }
    const table = createRouteTable(configOf({ accounts: [lax] }), [registration()])
    expect(table.scopeOf('/vobiz/MA_1/applications/app-1')?.signature).toBe('off')
    expect(routeAt(table, '/vobiz/MA_1/applications/app-1', { callId: 'call-1' })).toBe('app-1')
    expect(routeAt(table, '/vobiz/MA_1', { callId: 'call-1' })).toBe('MA_1.calls')
  })
})

describe('a route', () => {
  it('has its policy from the most specific entry that sets it', () => {
    const table = createRouteTable(
      configOf({
        defaults: { deadline: '4s', on_failure: 'relay', static_reply: '<Response/>' },
        accounts: [
          {
            ...account,
            deadline: '5s',
            applications: [
              { ...application, deadline: '6s', reply: 'ack', on_failure: 'rescue', callback_method: 'GET' },
            ],
          },
        ],
        routes: [{ id: 'r', path: '/r/', target: 'https://r.example.com/', signature: 'off' }],
      }),
    )
    const byId = new Map(table.routes.map((route) => [route.id, route]))
    expect(byId.get('app-1')).toMatchObject({
      deadlineMs: 6000,
      reply: 'ack',
      onFailure: 'rescue',
      method: 'GET',
    })
    expect(byId.get('trunk-1')).toMatchObject({ deadlineMs: 5000, reply: 'handler', onFailure: 'relay' })
    expect(byId.get('r')).toMatchObject({
      deadlineMs: 4000,
      marginMs: 200,
      signature: 'off',
      staticReply: { contentType: 'application/xml', body: '<Response/>' },
    })
  })

  it('wants events by their long names, also where the filter has short ones', () => {
    const app = { ...application, callback_events: ['answered', 'completed', 'Record'] }
    const table = createRouteTable(configOf({ accounts: [{ ...account, applications: [app] }] }))
    const events = table.routes.find(({ id }) => id === 'app-1')?.events
    expect(events).toEqual(new Set(['call.answered', 'call.completed', 'Record']))
    expect(isWanted('Hangup', events)).toBe(true)
    expect(isWanted('call.failed', events)).toBe(false)
    expect(table.routes.find(({ id }) => id === 'MA_1')?.events).toBeUndefined()
  })

  it('has its targets read, its header secrets told, and cannot be changed', () => {
    const app = {
      ...application,
      callback_url: 'https://user:pw@app.example.com/x#ct=500',
      fallback_callback_url: 'https://spare.example.com/',
      callback_headers: { 'X-Plain': 'plain', 'X-API-Key': key },
    }
    const table = createRouteTable(configOf({ accounts: [{ ...account, applications: [app] }] }))
    const route = table.routes.find(({ id }) => id === 'app-1')
    expect(route?.targets.map(({ role, label }) => [role, label])).toEqual([
      ['primary', 'https://app.example.com/x'],
      ['fallback', 'https://spare.example.com/'],
    ])
    expect(route?.targets[0].connectTimeoutMs).toBe(500)
    expect(route?.headers).toEqual(['X-Plain', 'plain', 'X-API-Key', 'a-key-of-good-length'])
    expect(Object.isFrozen(route)).toBe(true)
  })
})

it('lists every route once, and one for the per-call routes of each account', () => {
  const all = configOf({
    accounts: [account],
    routes: [
      { id: 'r', path: '/r/', target: 'https://r.example.com/', account: 'MA_1', consecutive_failures: 7 },
    ],
  })
  expect(createRouteTable(all, [registration()]).routes.map(({ id, scope }) => [id, scope])).toEqual([
    ['MA_1', 'account'],
    ['app-1', 'application'],
    ['trunk-1', 'trunk'],
    ['r', 'path'],
    ['MA_1.calls', 'call'],
  ])
  expect(Object.fromEntries(alertThresholds(all))).toEqual({
    MA_1: 3,
    'MA_1.calls': 3,
    'app-1': 3,
    'trunk-1': 3,
    r: 7,
  })
})

it('has the keys of each account, several while they rotate', () => {
  const rotating = { id: 'MA_1', webhook_secret: [key, { env: 'KEY_2' }], auth_token: key }
  expect(keyRings(configOf({ accounts: [rotating] })).get('MA_1')).toEqual({
    webhookSecrets: ['a-key-of-good-length', 'another-key-of-good-length'],
    authTokens: ['a-key-of-good-length'],
    parentAuthTokens: [],
    signingSecrets: [],
  })
})

it('prints URLs that its own table takes', () => {
  const all = configOf({
    public_url: 'https://cb.example.com/',
    accounts: [account],
    routes: [{ id: 'r', path: '/r/', target: 'https://r.example.com/', account: 'MA_1' }],
  })
  const table = createRouteTable(all)
  const urls = publicUrls(all)
  expect(urls.map(({ url }) => url)).toContain('https://cb.example.com/vobiz/MA_1/applications/app-1')
  for (const { url, id } of urls) expect(routeAt(table, new URL(url).pathname)).toBe(id)
})
