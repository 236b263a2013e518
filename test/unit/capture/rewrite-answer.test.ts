import { describe, expect, it } from 'vitest'

import type { Answer } from '../../../src/callback/answer.ts'
import type { Attempt } from '../../../src/callback/attempt.ts'
import type { Exchange } from '../../../src/callback/callback.ts'
import type { Role, Route } from '../../../src/callback/route.ts'
import { CapturedUrls } from '../../../src/capture/captured-urls.ts'
import { createAnswerRewriter } from '../../../src/capture/rewrite-answer.ts'
import { systemClock } from '../../../src/clock.ts'
import { createRouteTable, type RouteTable } from '../../../src/routing/table.ts'
import { exchangeOn } from '../forward/fixtures.ts'
import { configOf, facts, key } from '../routing/config-of.ts'
import { documents } from './corpus.ts'
import { MemoryStore } from './memory-store.ts'

const config = configOf({
  accounts: [{ id: 'MA_1', auth_token: key }],
  routes: [
    {
      id: 'ivr',
      path: '/ivr/',
      account: 'MA_1',
      target: 'https://api.example.com/ivr/',
      fallback_target: 'https://backup.example.com/b/',
      rewrite_xml: true,
    },
  ],
})

interface Rig {
  readonly table: RouteTable
  readonly store: MemoryStore
  readonly problems: string[]
  readonly rewrite: (
    xml: string | Answer,
    over?: { readonly role?: Role; readonly leftMs?: number; readonly callId?: string },
  ) => Promise<string>
}

function rig(store = new MemoryStore()): Rig {
  const table = createRouteTable(config)
  const problems: string[] = []
  let tokens = 0
  const urls = new CapturedUrls({
    clock: systemClock,
    calls: () => table.registrations,
    publicBase: () => 'https://cb.example.com',
    store,
    isWritable: () => true,
    registrations: [],
    newToken: () => `token-${++tokens}`,
    onProblem: (problem) => problems.push(problem),
  })
  const rewriter = createAnswerRewriter({
    urls,
    hosts: () => ['public.example.com'],
    routeOf: (id) => table.routeOf(id),
    onProblem: (problem) => problems.push(problem),
  })
  const route = table.routeOf('ivr')
  if (route === undefined) throw new Error('no route')
  return {
    table,
    store,
    problems,
    rewrite: async (xml, { role = 'primary', leftMs = 1_000, callId = 'call-1' } = {}) => {
      const answer = typeof xml === 'string' ? answerOf(xml) : xml
      const told = await rewriter(answered(route, callId), attemptOf(route, role), answer, leftMs)
      return Buffer.from(told.body).toString('latin1')
    },
  }
}

function answerOf(xml: string, headers: readonly string[] = ['Content-Type', 'application/xml']): Answer {
  return { status: 200, headers, body: Buffer.from(xml, 'latin1') }
}

function answered(route: Route, callId: string): Exchange {
  return exchangeOn(
    route,
    { path: '/ivr/deep/answer', query: '?x=1' },
    { facts: facts({ callId }), kind: 'xml' },
  )
}

function attemptOf(route: Route, role: Role): Attempt {
  const target = route.targets.find((each) => each.role === role) ?? route.targets[0]
  const phases = { dns: NaN, connect: NaN, tls: NaN, firstByte: NaN, total: 0 }
  return {
    number: 1,
    target,
    via: 'live',
    startedAt: 0,
    outcome: 'ok',
    phases,
    status: 200,
    error: '',
    resent: false,
    reply: undefined,
  }
}

const targets = ({ store }: Rig): readonly (readonly string[])[] =>
  [...store.rows.values()].map((row) => [row.route, row.target, row.fallback_target])

describe('an XML answer', () => {
  it('has relative URLs resolved where its handler stands, with their place at the fallback', async () => {
    const ivr = rig()
    expect(await ivr.rewrite('<Response><Redirect>menu?a=1</Redirect></Response>')).toBe(
      '<Response><Redirect>https://cb.example.com/c/token-1</Redirect></Response>',
    )
    await ivr.rewrite('<Response><Redirect>/ivr/menu</Redirect></Response>')
    await ivr.rewrite('<Response><Redirect>/elsewhere</Redirect></Response>')
    await ivr.rewrite('<Response><Redirect>menu</Redirect></Response>', { role: 'fallback' })
    expect(targets(ivr)).toEqual([
      ['ivr', 'https://api.example.com/ivr/deep/menu?a=1', 'https://backup.example.com/b/deep/menu?a=1'],
      ['ivr', 'https://api.example.com/ivr/menu', 'https://backup.example.com/b/menu'],
      ['ivr', 'https://api.example.com/elsewhere', ''],
      ['ivr', 'https://backup.example.com/b/deep/menu', ''],
    ])
  })

  it('has only URLs of its handlers and of listed hosts captured', async () => {
    const ivr = rig()
    const urls = [
      'https://public.example.com/a',
      'https://evil.example.org/a',
      'http://169.254.169.254/latest',
      'https://api.example.com:8443/a',
      'https://cb.example.com/ivr/already-here',
      'tel:+14155551234',
      'wss://api.example.com/ws',
      '//public.example.com/scheme-relative',
    ]
    for (const url of urls) await ivr.rewrite(`<Response><Redirect>${url}</Redirect></Response>`)
    expect(targets(ivr).map(([, target]) => target)).toEqual([
      'https://public.example.com/a',
      'https://public.example.com/scheme-relative',
    ])
  })

  it('is the same for the same answer, and costs nothing more', async () => {
    const ivr = rig()
    for (const document of documents) {
      const text = Buffer.from(document).toString('latin1')
      const once = await ivr.rewrite(text)
      const { size } = ivr.store.rows
      expect(await ivr.rewrite(text, { callId: 'call-2' })).toBe(once)
      expect(ivr.store.rows.size).toBe(size)
      expect(await ivr.rewrite(once)).toBe(once)
    }
  })

  it('is left alone when it is too large, compressed, or holds too many URLs', async () => {
    const ivr = rig()
    const redirect = '<Redirect>/next</Redirect>'
    for (const answer of [
      answerOf(`<Response>${redirect}${' '.repeat(100 * 1024)}</Response>`),
      answerOf(`<Response>${redirect}</Response>`, ['content-encoding', 'gzip']),
      answerOf(`<Response>${redirect.repeat(65)}</Response>`),
    ]) {
      expect(await ivr.rewrite(answer)).toBe(Buffer.from(answer.body).toString())
    }
    expect(ivr.store.rows.size).toBe(0)
  })

  it('keeps its URLs when they cannot be written in time, or at all', async () => {
    const xml = '<Response><Redirect>/next</Redirect></Response>'
    const slow = new MemoryStore()
    slow.add = () => new Promise(() => undefined)
    const late = rig(slow)
    const startedAt = performance.now()
    expect(await late.rewrite(xml, { leftMs: 100 })).toBe(xml)
    expect(performance.now() - startedAt).toBeLessThan(1_000)
    expect(late.problems).toEqual(['1 URLs of an XML answer were not written in time'])

    const full = rig()
    full.store.isFull = true
    expect(await full.rewrite(xml)).toBe(xml)
    full.store.isFull = false
    expect(await full.rewrite(xml)).not.toBe(xml)
  })

  it('cannot fill the ledger: a call that loops has a bounded number of new URLs', async () => {
    const ivr = rig()
    for (let i = 0; i < 250; i++) await ivr.rewrite(`<Response><Redirect>/loop?n=${i}</Redirect></Response>`)
    expect(ivr.store.rows.size).toBe(200)
    await ivr.rewrite('<Response><Redirect>/loop?n=x</Redirect></Response>', { callId: 'call-2' })
    expect(ivr.store.rows.size).toBe(201)
  })
})
