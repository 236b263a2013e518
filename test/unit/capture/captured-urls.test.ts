import { describe, expect, it } from 'vitest'

import { CapturedUrls, type CapturedUrlsParts, DAY_MS } from '../../../src/capture/captured-urls.ts'
import type { Registration } from '../../../src/ledger/ledger.ts'
import { createRouteTable, type RouteTable } from '../../../src/routing/table.ts'
import { configOf, key } from '../routing/config-of.ts'
import { MemoryStore } from './memory-store.ts'

const config = configOf({
  accounts: [
    { id: 'MA_1', auth_token: key, default_callback_url: 'https://default.example.com/' },
    { id: 'MA_2', auth_token: key, basic_auth: [{ user: 'vobiz', password: { env: 'PASSWORD' } }] },
  ],
  routes: [
    {
      id: 'ivr',
      path: '/ivr/',
      account: 'MA_1',
      target: 'https://u:p@api.example.com/ivr/',
      fallback_target: 'https://backup.example.com/ivr/',
      headers: { 'X-API-Key': key },
      deadline: '10s',
      kind: 'xml',
      events: ['call.completed'],
      rewrite_xml: true,
      static_reply: '<Response/>',
    },
  ],
})

interface Rig {
  readonly urls: CapturedUrls
  readonly table: RouteTable
  readonly stored: Map<string, Registration>
  readonly problems: string[]
  now: number
}

function rig(over: Partial<CapturedUrlsParts> = {}): Rig {
  const store = new MemoryStore()
  const problems: string[] = []
  const table = createRouteTable(config, over.registrations ?? [])
  let tokens = 0
  const made: Rig = {
    table,
    stored: store.rows,
    problems,
    now: 1_000,
    urls: new CapturedUrls({
      clock: { wall: () => made.now, mono: () => made.now },
      calls: () => table.registrations,
      publicBase: () => 'https://cb.example.com',
      store,
      isWritable: () => true,
      registrations: [],
      newToken: () => `token-${String(++tokens).padStart(10, '0')}`,
      onProblem: (problem) => problems.push(problem),
      ...over,
    }),
  }
  return made
}

const target = 'https://api.example.com/ivr/menu?lang=en'

function wish(table: RouteTable, over: object = {}): Parameters<CapturedUrls['capture']>[0] {
  const base = table.routeOf('MA_1.calls')
  if (base === undefined) throw new Error('no route')
  return { base, target, fallbackTarget: '', lifeMs: DAY_MS, ...over }
}

describe('a captured URL', () => {
  it('works at once, keeps the method of the provider, and stands in the ledger with target and expiry', async () => {
    const { urls, table, stored } = rig()
    const captured = urls.capture(wish(table))
    expect(captured?.url).toBe('https://cb.example.com/c/token-0000000001')
    expect(table.scopeOf('/c/token-0000000001')?.route).toMatchObject({
      id: 'MA_1.calls',
      account: 'MA_1',
      method: undefined,
      kind: 'auto',
      targets: [{ origin: 'https://api.example.com', path: '/ivr/menu?lang=en' }],
    })
    expect(await captured?.stored).toBe(true)
    expect(stored.get('token-0000000001')).toMatchObject({ target, events: [], expires_at: 1_000 + DAY_MS })
    expect(urls.originalOf('token-0000000001')).toBe(target)
  })

  it('is the same for the same handler, also after a restart, and lives on while it is used', async () => {
    const first = rig()
    const one = first.urls.capture(wish(first.table))
    expect(first.urls.capture(wish(first.table))).toMatchObject({ url: one?.url, isNew: false })
    expect(first.urls.capture(wish(first.table, { target: `${target}&x` }))?.url).not.toBe(one?.url)
    await one?.stored

    const again = rig({ registrations: [...first.stored.values()] })
    expect(again.urls.capture(wish(again.table))).toMatchObject({ url: one?.url, isNew: false })
    expect(again.stored.size).toBe(0)
    again.now += DAY_MS - 1
    expect(again.urls.capture(wish(again.table))?.url).toBe(one?.url)
    expect([...again.stored.values()]).toMatchObject([{ expires_at: again.now + DAY_MS }])
  })

  it('of a route has its policy and its keys, but takes every event in the kind it is', () => {
    const { urls, table } = rig()
    const base = table.routeOf('ivr')
    urls.capture(wish(table, { base, fallbackTarget: 'https://backup.example.com/ivr/menu?lang=en' }))
    expect(table.scopeOf('/c/token-0000000001')).toMatchObject({
      account: 'MA_1',
      signature: 'enforce',
      route: {
        id: 'ivr',
        scope: 'call',
        deadlineMs: 10_000,
        kind: 'auto',
        events: undefined,
        rewriteXml: true,
        headers: ['X-API-Key', 'a-key-of-good-length'],
        staticReply: { body: '<Response/>' },
        targets: [
          { role: 'primary', authorization: `Basic ${btoa('u:p')}` },
          { role: 'fallback', authorization: undefined },
        ],
      },
    })
  })

  it('takes no header and no password of its route to another host', () => {
    const { urls, table } = rig()
    urls.capture(wish(table, { base: table.routeOf('ivr'), target: 'https://other.example.com/' }))
    expect(table.scopeOf('/c/token-0000000001')?.route).toMatchObject({
      headers: [],
      targets: [{ authorization: undefined }],
    })
  })

  it('carries the credentials that open it, and the time-outs of the original', () => {
    const { urls, table } = rig()
    expect(urls.capture(wish(table, { base: table.routeOf('MA_2.calls') }))?.url).toBe(
      'https://vobiz:pass%20word@cb.example.com/c/token-0000000001',
    )
    expect(urls.capture(wish(table, { target: 'https://a:b@api.example.com/x#rt=4000' }))?.url).toBe(
      'https://a:b@cb.example.com/c/token-0000000002#rt=4000',
    )
  })

  it('is not made for what cannot be dialled, would be too long, or has no account', () => {
    const { urls, table } = rig()
    expect(urls.capture(wish(table, { target: 'https://api.example.com/#rt=1' }))).toBeUndefined()
    expect(
      urls.capture(wish(table, { target: `https://${'u'.repeat(500)}@api.example.com/` })),
    ).toBeUndefined()
    const base = { ...wish(table).base, account: undefined }
    expect(urls.capture(wish(table, { base }))).toBeUndefined()
    expect(table.registrations.list()).toEqual([])
  })

  it('is forgotten when no request brought it to the provider, unless another did', async () => {
    const { urls, table, stored } = rig()
    const refused = urls.capture(wish(table))
    const other = urls.capture(wish(table))
    if (refused === undefined || other === undefined) throw new Error('not captured')
    urls.release(refused, false)
    expect(urls.originalOf(refused.token)).toBe(target)
    urls.release(other, false)
    expect(urls.originalOf(refused.token)).toBeUndefined()
    await expect.poll(() => stored.size).toBe(0)

    const taken = urls.capture(wish(table))
    const late = urls.capture(wish(table))
    if (taken === undefined || late === undefined) throw new Error('not captured')
    urls.release(taken, true)
    urls.release(late, false)
    expect(urls.originalOf(taken.token)).toBe(target)
  })

  it('is not promised while the ledger cannot be written, and that is said', async () => {
    const store = new MemoryStore()
    store.isFull = true
    const failing = rig({ store })
    expect(await failing.urls.capture(wish(failing.table))?.stored).toBe(false)
    expect(failing.problems).toEqual(['disk full'])
    const dead = rig({ isWritable: () => false })
    expect(dead.urls.capture(wish(dead.table))).toBeUndefined()
    expect(dead.problems).toEqual(['the ledger cannot be written'])
  })

  it('is told from a URL that a person registered', () => {
    const { urls, table } = rig()
    table.registrations.add({
      token: 'registered-by-hand-1',
      account: 'MA_1',
      call_id: '',
      route: '',
      target,
      fallback_target: '',
      method: '',
      events: [],
      created_at: 0,
      expires_at: 1e15,
    })
    expect(urls.originalOf('registered-by-hand-1')).toBeUndefined()
    expect(urls.isOurs('https://cb.example.com/c/registered-by-hand-1')).toBe(true)
    expect(urls.isOurs('https://cb.example.com.evil.example/')).toBe(false)
  })
})
