import { describe, expect, it } from 'vitest'

import type { CallbackRow, CallView, Page, RegisteredCall, RouteList } from '../../../src/admin/api.ts'
import { attemptRow, callbackRow, startAdmin } from '../../support/admin-parts.ts'
import { naughtyStrings } from '../../support/naughty-strings.ts'

const id = (n: number) => `01KAJ${String(n).padStart(21, '0')}`

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url)
  expect([url, response.status]).toEqual([url, 200])
  return (await response.json()) as T
}

describe('the list of callbacks', () => {
  it('can be read page by page without a hole or a double while new ones arrive', async () => {
    await using admin = await startAdmin()
    admin.parts.rows = Array.from({ length: 25 }, (_, n) => callbackRow({ id: id(n) }))
    const seen: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const after: string = next === '' ? '' : `&after=${encodeURIComponent(next)}`
      const page: Page<CallbackRow> = await get(`${admin.url}/api/v1/callbacks?limit=10${after}`)
      seen.push(...page.rows.map((row) => row.id))
      next = page.next
      admin.parts.rows.push(callbackRow({ id: id(100 + seen.length) }))
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => id(24 - n)))
  })

  it('is narrowed by every filter, in long and short event names', async () => {
    await using admin = await startAdmin()
    admin.parts.rows = [
      callbackRow({ id: id(1), result: 'failed', last_outcome: 'http_5xx' }),
      callbackRow({ id: id(2), route: 'ivr', event: 'Hangup', call_id: 'call-2' }),
    ]
    const ids = async (query: string) =>
      (await get<Page<CallbackRow>>(`${admin.url}/api/v1/callbacks?${query}`)).rows.map((row) => row.id)
    expect(await ids('failed=true')).toEqual([id(1)])
    expect(await ids('failed=false')).toEqual([id(2), id(1)])
    expect(await ids('outcome=http_5xx')).toEqual([id(1)])
    expect(await ids('result=delivered')).toEqual([id(2)])
    expect(await ids('route=ivr')).toEqual([id(2)])
    expect(await ids('event=completed')).toEqual([id(1)])
    expect(await ids('event=Hangup')).toEqual([id(2)])
    expect(await ids('call_id=call-2')).toEqual([id(2)])
  })

  it.each([
    ['since=10m', ['new']],
    ['until=10m', ['old']],
    ['since=2026-11-23T14:30:00Z', ['new']],
    ['since=2026-11-23T15:30:00%2B01:00', ['new']],
    ['since=2026-11-23%2014:30', ['new']],
    ['since=1795400000000', ['old', 'new']],
    ['since=2026-11-24', []],
    ['since=1h30m', ['old', 'new']],
  ])('understands the time in %s', async (query, expected) => {
    await using admin = await startAdmin()
    const now = Date.parse('2026-11-23T14:40:00Z')
    admin.parts.nowMs = now
    admin.parts.rows = [
      callbackRow({ id: id(1), call_id: 'new', received_at: now - 60_000 }),
      callbackRow({ id: id(0), call_id: 'old', received_at: now - 3_600_000 }),
    ]
    const page = await get<Page<CallbackRow>>(`${admin.url}/api/v1/callbacks?${query}`)
    expect(page.rows.map((row) => row.call_id).toSorted()).toEqual(expected.toSorted())
  })

  it.each([
    'since=yesterday',
    'since=2026-13-01',
    'since=',
    'limit=1001',
    'limit=1&limit=2',
    'event=nope',
    'result=ok',
    'failed=yes',
    `after=${encodeURIComponent("x' OR 1=1")}`,
    'route=',
  ])('refuses %s', async (query) => {
    await using admin = await startAdmin()
    expect((await fetch(`${admin.url}/api/v1/callbacks?${query}`)).status).toBe(400)
  })
})

describe('one callback', () => {
  it('comes with its attempts, and is told from one that does not exist', async () => {
    await using admin = await startAdmin()
    admin.parts.rows = [callbackRow({ id: id(1) }), callbackRow({ id: id(2), result: 'filtered' })]
    admin.parts.attemptRows = [attemptRow({ callback_id: id(1) })]
    const url = `${admin.url}/api/v1/callbacks`
    expect(await get(`${url}/${id(1)}`)).toMatchObject({ id: id(1), attempt_rows: [{ outcome: 'http_5xx' }] })
    expect(await get(`${url}/${id(1)}/attempts`)).toMatchObject({ rows: [{ number: 1 }] })
    expect(await get(`${url}/${id(2)}/attempts`)).toEqual({ rows: [] })
    expect((await fetch(`${url}/${id(3)}`)).status).toBe(404)
    expect((await fetch(`${url}/${id(3)}/attempts`)).status).toBe(404)
    expect((await fetch(`${url}/%00`)).status).toBe(400)
  })
})

describe('the export', () => {
  it('gives every row of the filter over many pages, and no more than its limit', async () => {
    await using admin = await startAdmin()
    admin.parts.rows = Array.from({ length: 2345 }, (_, n) => callbackRow({ id: id(n) }))
    const lines = async (query: string) =>
      (await (await fetch(`${admin.url}/api/v1/callbacks/export?${query}`)).text()).trimEnd().split(/\r?\n/)
    const all = (await lines('')).map((line) => (JSON.parse(line) as CallbackRow).id)
    expect(all).toEqual(Array.from({ length: 2345 }, (_, n) => id(2344 - n)))
    expect(await lines('limit=1500')).toHaveLength(1500)
    expect(await lines('format=csv&limit=3')).toHaveLength(4)
  })

  it('answers a problem when the ledger cannot be read', async () => {
    await using admin = await startAdmin()
    admin.parts.ledgerProblem = 'locked'
    expect((await fetch(`${admin.url}/api/v1/callbacks/export`)).status).toBe(503)
  })

  it('keeps naughty strings inside their cell, and none of them is a formula', async () => {
    await using admin = await startAdmin()
    admin.parts.rows = naughtyStrings.map((text, n) => callbackRow({ id: id(n), call_id: text, path: text }))
    const response = await fetch(`${admin.url}/api/v1/callbacks/export?format=csv`)
    expect(response.headers.get('content-disposition')).toContain('callbacks.csv')
    const [head, ...records] = parseCsv(await response.text())
    expect(records).toHaveLength(naughtyStrings.length)
    for (const record of records) {
      expect(record).toHaveLength(head?.length ?? 0)
      for (const cell of record) expect(cell.slice(0, 40)).not.toMatch(/^[\s\ufeff]*[=+\-@＝＋－＠]/u)
    }
    const ndjson = await (await fetch(`${admin.url}/api/v1/callbacks/export`)).text()
    const texts = ndjson
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as CallbackRow).call_id)
    expect(texts).toEqual(naughtyStrings.map((text) => text).toReversed())
  })
})

describe('calls', () => {
  it('show every callback of a call', async () => {
    await using admin = await startAdmin()
    admin.parts.rows = [callbackRow({ id: id(1) }), callbackRow({ id: id(2), call_id: 'a/b c' })]
    const call = await get<CallView>(`${admin.url}/api/v1/calls/${encodeURIComponent('a/b c')}`)
    expect(call.callbacks.map((row) => row.id)).toEqual([id(2)])
    expect((await fetch(`${admin.url}/api/v1/calls/none`)).status).toBe(404)
  })

  it('are registered with an unguessable token, long event names and an end, and can be removed', async () => {
    await using admin = await startAdmin()
    const register = (body: unknown) =>
      fetch(`${admin.url}/api/v1/calls`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const wish = {
      account: 'MA_TEST123',
      callback_url: 'https://user:hunter2@h.example.com/x',
      callback_events: ['answered', 'Hangup'],
      expires_in: '2h',
    }
    const response = await register(wish)
    expect(response.status).toBe(201)
    const text = await response.text()
    expect(text).not.toContain('hunter2')
    const made = JSON.parse(text) as RegisteredCall
    expect(made.token).toMatch(/^[\w-]{32}$/)
    expect(made.public_url).toBe(`https://callbacks.example.com/c/${made.token}`)
    expect(made.expires_at).toBe(admin.parts.nowMs + 7_200_000)
    expect(admin.parts.registrations).toMatchObject([
      { events: ['call.answered', 'Hangup'], method: 'POST', call_id: '', fallback_target: '' },
    ])
    expect((await register({ ...wish, account: 'MA_OTHER' })).status).toBe(404)
    for (const bad of [
      {},
      { ...wish, callback_url: 'ftp://x/' },
      { ...wish, callback_events: ['nope'] },
      { ...wish, expires_in: '400d' },
      { ...wish, expires_in: 7 },
      { ...wish, extra: 1 },
    ]) {
      expect((await register(bad)).status).toBe(400)
    }
    const gone = await fetch(`${admin.url}/api/v1/calls/${made.token}`, { method: 'DELETE' })
    expect([gone.status, await gone.text()]).toEqual([204, ''])
    expect((await fetch(`${admin.url}/api/v1/calls/${made.token}`, { method: 'DELETE' })).status).toBe(404)
  })
})

describe('the rest', () => {
  it('lists routes with their numbers, alerts, incidents and the state', async () => {
    await using admin = await startAdmin()
    const routes = await get<RouteList>(`${admin.url}/api/v1/routes?window=1h`)
    expect(routes).toMatchObject({
      window_ms: 3_600_000,
      rows: [{ id: 'app-12345', summary: { failed: 1 } }],
    })
    expect(await get(`${admin.url}/api/v1/alerts`)).toMatchObject({
      rows: [{ rule: 'consecutive_failures' }],
    })
    expect(await get(`${admin.url}/api/v1/incidents?open=false`)).toEqual({ rows: [] })
    const [incident] = admin.parts.incidentRows
    expect(await get(`${admin.url}/api/v1/incidents/${incident?.id}`)).toMatchObject({
      callback_ids: ['01KAJ00000000000000000000A'],
      notifications: [],
    })
    expect((await fetch(`${admin.url}/api/v1/incidents/none`)).status).toBe(404)
    expect(await get(`${admin.url}/api/v1/status`)).toMatchObject({ is_ready: true, routes: 1 })
  })

  it('sends a test callback, with a sample event unless told otherwise', async () => {
    await using admin = await startAdmin()
    const send = async (body?: string) => {
      const headers = { 'content-type': 'application/json' }
      const init = body === undefined ? { method: 'POST' } : { method: 'POST', headers, body }
      return (await fetch(`${admin.url}/api/v1/test-callback`, init)).json()
    }
    expect(await send()).toMatchObject({ call_id: 'test-call.completed' })
    expect(await send('{"event":"answered"}')).toMatchObject({ call_id: 'test-call.answered' })
    expect(await send('{"event":"nope"}')).toMatchObject({ status: 400 })
  })

  it('is alive, ready or not with the reasons, and gives its metrics as text', async () => {
    await using admin = await startAdmin()
    expect(await (await fetch(`${admin.url}/healthz`)).text()).toBe('ok\n')
    expect((await fetch(`${admin.url}/readyz`)).status).toBe(200)
    expect((await fetch(`${admin.url}/readyz`, { method: 'HEAD' })).status).toBe(200)
    admin.parts.reasons = ['draining']
    const notReady = await fetch(`${admin.url}/readyz`)
    expect([notReady.status, await notReady.json()]).toEqual([
      503,
      { is_ready: false, reasons: ['draining'] },
    ])
    expect((await fetch(`${admin.url}/healthz`)).status).toBe(200)
    const metrics = await fetch(`${admin.url}/metrics`)
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await metrics.text()).toContain('ringback_build_info 1')
  })

  it('reloads, and says what is wrong with a file it does not take over', async () => {
    const { RingbackError } = await import('../../../src/errors.ts')
    await using admin = await startAdmin()
    const reload = () => fetch(`${admin.url}/api/v1/reload`, { method: 'POST' })
    expect(await (await reload()).json()).toEqual({
      dry_run: false,
      changes: [{ field: 'routes.ivr.target', text: 'changed', needs_restart: false }],
      warnings: [],
    })
    admin.parts.reloadError = new RingbackError('config', 'ringback.yaml:7:5 unknown key "tiemout"')
    const refused = await reload()
    expect(refused.status).toBe(422)
    expect(await refused.text()).toContain('ringback.yaml:7:5')
  })
})

/** RFC 4180, as a spreadsheet reads it. */
function parseCsv(text: string): string[][] {
  const records: string[][] = []
  let record: string[] = []
  let cell = ''
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (isQuoted) {
      if (char !== '"') cell += char
      else if (text[at + 1] === '"') cell += text[at++]
      else isQuoted = false
    } else if (char === '"' && cell === '') isQuoted = true
    else if (char === ',') {
      record.push(cell)
      cell = ''
    } else if (char === '\r' && text[at + 1] === '\n') {
      at++
      records.push([...record, cell])
      record = []
      cell = ''
    } else cell += char
  }
  return records
}
