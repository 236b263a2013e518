import { expect, test } from 'vitest'

import { PostgresServer } from '../support/postgres.ts'
import { callbacksOf, getJson, sendEvent, startRescue } from '../support/rescue-rig.ts'
import { behaviours, startTarget } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

test('while PostgreSQL is away callbacks are forwarded, rescue is refused, and what was written meanwhile is in the ledger afterwards', async () => {
  await using server = await PostgresServer.start()
  await using handler = await startTarget()
  await using ringback = await startRescue({ target: `${handler.origin}/hook`, store: server.url() })
  const readiness = async (): Promise<number> => (await fetch(`${ringback.adminUrl}/readyz`)).status
  const send = (call: string) => sendEvent(ringback.publicPort, { event: 'call.completed', call_id: call })

  expect((await send('before')).status).toBe(200)
  await waitFor('a row', async () => (await callbacksOf(ringback, '&result=delivered')).length === 1)
  handler.behave(() => behaviours.status(503))
  expect((await send('rescued')).status).toBe(200)

  await server.kill()
  const refused = await send('refused')
  expect([refused.status, handler.requests.at(-1)?.body.toString()]).toEqual([
    503,
    expect.stringContaining('refused'),
  ])
  handler.behave(behaviours.ok)
  const startedAt = performance.now()
  expect((await send('forwarded')).status).toBe(200)
  expect(performance.now() - startedAt).toBeLessThan(1500)
  await waitFor('word of it', async () => (await readiness()) === 503)
  await waitFor('a line in the log', () => ringback.logs().includes('THE LEDGER CANNOT BE WRITTEN'))
  const metrics = await (await fetch(`${ringback.adminUrl}/metrics`)).text()
  expect(metrics).toMatch(/ringback_ledger_writes_total\{result="failed"\}/)

  await server.resume()
  await waitFor('readiness', async () => (await readiness()) === 200)
  const seen = await waitFor('what became of every callback', async () => {
    const all = (await callbacksOf(ringback)).map(({ call_id, result }) => `${call_id}: ${result}`)
    return all.length === 4 && all.includes('rescued: delivered_late') && all.toSorted()
  })
  expect(seen).toEqual([
    'before: delivered',
    'forwarded: delivered',
    'refused: failed',
    'rescued: delivered_late',
  ])
  const status = await getJson<{ ledger: { store: string } }>(ringback, '/api/v1/status')
  expect(status.ledger.store).toContain(`postgres://127.0.0.1:${server.port}/postgres`)
})

test('a crash of Ringback leaves what was under way in PostgreSQL as unknown, and whoever comes next delivers it', async () => {
  await using server = await PostgresServer.start()
  await using handler = await startTarget(behaviours.hang)
  const config = { target: `${handler.origin}/hook`, store: server.url() }
  const first = await startRescue(config)
  void sendEvent(first.publicPort, { event: 'call.completed', call_id: 'cut off' }).catch(() => undefined)
  // The handler is not kept waiting for the ledger: only a callback that is written can outlive the crash.
  await waitFor('the handler', () => handler.requests.length === 1)
  await waitFor('the row', async () => {
    const pending = await server.query(`SELECT id FROM s1.inbox WHERE state = 'pending'`)
    return pending.length === 1
  })
  await first.kill()

  handler.behave(behaviours.ok)
  await using second = await startRescue(config)
  const [row] = await waitFor(
    'a late delivery',
    async () => {
      const late = await callbacksOf(second, '&result=delivered_late')
      return late.length === 1 && late
    },
    45_000,
  )
  const attempts = await getJson<{ rows: { via: string; outcome: string }[] }>(
    second,
    `/api/v1/callbacks/${row!.id}/attempts`,
  )
  expect(attempts.rows.map(({ via, outcome }) => `${via} ${outcome}`)).toEqual(['live unknown', 'rescue ok'])
})
