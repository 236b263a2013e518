import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { CallbackDetail, CallbackRow, Page } from '../../src/admin/api.ts'
import { adminEndpoints } from '../../src/admin/endpoints.ts'
import { createAdminServer } from '../../src/admin/server.ts'
import { openSqliteLedger, type SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { failed, refused, sampleAttempt, sampleDelivery, sampleExchange } from '../contract/ledger-samples.ts'
import { FakeParts, openAccess, openGate } from '../support/admin-parts.ts'
import { naughtyStrings } from '../support/naughty-strings.ts'
import { daemonEnv, MAIN } from '../support/shipped.ts'

// The admin port and the launcher over a real ledger in a file; only what is not in the ledger is made up.

const COUNT = 250
const folder = mkdtempSync(join(tmpdir(), 'ringback-admin-'))
let ledger: SqliteLedger
let parts: FakeParts
let server: ReturnType<typeof createAdminServer>

beforeAll(async () => {
  ledger = await openSqliteLedger({
    path: join(folder, 'ledger.db'),
    bodies: 'redacted',
    bodyLimit: 16_384,
    replayWindowMs: 600_000,
    events: { committed: () => undefined, failed: () => undefined },
  })
  parts = new FakeParts()
  parts.nowMs = Date.now()
  parts.reader = ledger.reader
  for (let n = 0; n < COUNT; n++) keepOne(n)
  await ledger.writer.flush()
  server = createAdminServer(parts, {
    host: '127.0.0.1',
    port: 0,
    access: () => openAccess,
    version: '0',
    pageFolder: folder,
  })
  await server.listen()
})

afterAll(async () => {
  await server.close()
  await ledger.close()
  rmSync(folder, { recursive: true })
})

/** Every tenth one fails; call ids are naughty now and then. */
function keepOne(n: number): void {
  const callId = (naughtyStrings[n] ?? `call-${n}`).slice(0, 128)
  const exchange = sampleExchange({ facts: { callId } })
  const hasFailed = n % 10 === 0
  ledger.writer.keep(exchange)
  ledger.writer.attempt(exchange, hasFailed ? refused : sampleAttempt())
  ledger.writer.settle(exchange, hasFailed ? failed : sampleDelivery())
}

async function get<Body>(path: string): Promise<Body> {
  const response = await fetch(server.address + path)
  expect([path, response.status]).toEqual([path, 200])
  return (await response.json()) as Body
}

async function launch(...argv: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    cwd: folder,
    env: { ...daemonEnv, RINGBACK_URL: server.address },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const code = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, stdout, stderr }
}

describe('the admin API over a real ledger', () => {
  it('pages through everything once, newest first, while more arrives', async () => {
    const seen: string[] = []
    let after = ''
    do {
      const page: Page<CallbackRow> = await get(`/api/v1/callbacks?limit=40${after}`)
      seen.push(...page.rows.map((row) => row.id))
      after = page.next === null ? 'end' : `&after=${encodeURIComponent(page.next)}`
      keepOne(1000 + seen.length)
      await ledger.writer.flush()
    } while (after !== 'end')
    expect(seen).toHaveLength(COUNT)
    expect(seen).toEqual([...new Set(seen)].toSorted().toReversed())
  })

  it('narrows by outcome and failure, and shows one with its attempts', async () => {
    const { rows } = await get<Page<CallbackRow>>('/api/v1/callbacks?failed=true&outcome=refused&since=1h')
    expect(rows.length).toBeGreaterThanOrEqual(COUNT / 10)
    const [first] = rows
    const detail = await get<CallbackDetail>(`/api/v1/callbacks/${first?.id ?? ''}`)
    expect(detail).toMatchObject({
      result: 'failed',
      blame: 'handler',
      attempt_rows: [{ outcome: 'refused' }],
    })
  })

  it('answers what its document says, for every list and detail that the ledger feeds', async () => {
    const { rows } = await get<Page<CallbackRow>>('/api/v1/callbacks?limit=1')
    const id = rows[0]?.id ?? ''
    const endpoints = adminEndpoints(parts, { access: () => openAccess, version: '0', gate: openGate })
    for (const path of [
      '/api/v1/callbacks',
      '/api/v1/callbacks/{id}',
      '/api/v1/callbacks/{id}/attempts',
      '/api/v1/routes',
    ]) {
      const body = await get<unknown>(path.replace('{id}', id))
      const schema = endpoints.find((each) => each.path === path)?.answer.schema
      expect(schema?.parse(body)).toEqual(body)
    }
  })

  it('exports all of it', async () => {
    const lines = await (await fetch(`${server.address}/api/v1/callbacks/export?format=csv`)).text()
    expect(lines.split('\r\n').length).toBeGreaterThan(COUNT)
  })
})

describe('the launcher', () => {
  it('runs commands in a process of their own, with their exit codes', async () => {
    const list = await launch('list', '--failed', '--json', '--limit', '5')
    expect([list.code, list.stderr]).toEqual([0, ''])
    const rows = list.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as CallbackRow)
    expect(rows.map((row) => row.result)).toEqual(Array.from({ length: 5 }, () => 'failed'))
    const show = await launch('show', rows[0]?.id ?? '')
    expect(show.stdout).toContain('Attempt 1: refused')
    expect((await launch('show', '01KAJ00000000000000000NONE')).code).toBe(5)
    expect((await launch('nonsense')).code).toBe(2)
    expect((await launch('status', '--url', 'http://127.0.0.1:1')).code).toBe(4)
    expect((await launch('healthcheck')).code).toBe(0)
  })
})
