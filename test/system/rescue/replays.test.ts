import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

import type { ReplayView } from '../../../src/admin/api.ts'
import type { IncidentRow } from '../../../src/ledger/alert-store.ts'
import { callbacksOf, getJson, SECRET, sendEvent, startRescue } from '../../support/rescue-rig.ts'
import { cli } from '../../support/run-cli.ts'
import type { RunningRingback } from '../../support/start-ringback.ts'
import { behaviours, type SeenRequest, startTarget, type TargetServer } from '../../support/target-server.ts'
import { waitFor } from '../../support/wait-for.ts'

const idOf = (seen: SeenRequest): string => seen.header('x-ringback-delivery') ?? ''
const sum = (counts: ReplayView['counts']): number => Object.values(counts).reduce((a, b) => a + b, 0)

async function send(ringback: RunningRingback, call_id: string, event = 'call.completed'): Promise<number> {
  return (await sendEvent(ringback.publicPort, { event, call_id })).status
}

async function replay(ringback: RunningRingback, body: object): Promise<ReplayView> {
  const response = await fetch(`${ringback.adminUrl}/api/v1/replays`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  expect(response.status).toBe(200)
  return (await response.json()) as ReplayView
}

async function ended(ringback: RunningRingback, id: string): Promise<ReplayView> {
  return waitFor('the end of the replay', async () => {
    const view = await getJson<ReplayView>(ringback, `/api/v1/replays/${id}`)
    return view.state !== 'running' && view
  })
}

/** So many dead letters, each of a call of its own. */
async function bury(ringback: RunningRingback, handler: TargetServer, count: number): Promise<void> {
  handler.behave(() => behaviours.status(410))
  await Promise.all(Array.from({ length: count }, (_, n) => send(ringback, `dead-${n}`)))
  await waitFor('dead letters', async () => (await callbacksOf(ringback, '&result=dead')).length === count)
}

test('exactly what an incident hurt is replayed, in the order of each call, with a signature of its own', async () => {
  await using handler = await startTarget()
  await using ringback = await startRescue({
    target: `${handler.origin}/hook`,
    account: '    on_failure: relay',
    top: 'ledger: { bodies: full }',
  })
  const flow = ['call.initiated', 'call.answered', 'call.completed']
  expect(await send(ringback, 'before')).toBe(200)
  handler.behave(() => behaviours.status(503))
  for (const event of flow)
    for (const call of ['a', 'b']) expect(await send(ringback, call, event)).not.toBe(200)
  handler.behave(behaviours.ok)
  const [incident] = await waitFor('the end of the incident', async () => {
    await send(ringback, `after-${performance.now()}`)
    const { rows } = await getJson<{ rows: IncidentRow[] }>(ringback, '/api/v1/incidents')
    return rows[0]?.closed_at !== null && rows.length > 0 && rows
  })
  handler.behave(() => behaviours.status(500))
  expect(await send(ringback, 'alone')).not.toBe(200)
  handler.behave(behaviours.ok)
  const hurt = (await callbacksOf(ringback)).filter(({ call_id }) => ['a', 'b'].includes(call_id))
  expect(hurt).toHaveLength(6)

  const id = incident?.id ?? ''
  const asked = ['replay', '--incident', id, '--url', ringback.adminUrl]
  const plan = await cli([...asked, '--dry-run'])
  expect(plan.stdout).toMatch(/6\s+to be sent/)
  expect(plan.stderr).toContain('Nothing was sent.')
  const from = handler.requests.length
  await sleep(1100) // so that a fresh signature is of another second
  const run = await cli([...asked, '--json'])
  expect([run.code, JSON.parse(run.stdout)]).toMatchObject([
    0,
    { state: 'done', total: 6, counts: { delivered: 6 } },
  ])
  const sent = handler.requests.slice(from)
  expect(sent.map(idOf).toSorted()).toEqual(hurt.map((row) => row.id).toSorted())
  for (const call of ['a', 'b']) {
    const told = sent.map(({ body }) => JSON.parse(body.toString()) as { call_id: string; event: string })
    expect(told.filter(({ call_id }) => call_id === call).map(({ event }) => event)).toEqual(flow)
  }
  for (const seen of sent) {
    const first = handler.requests.find((request) => idOf(request) === idOf(seen))
    const [time, signature] = [seen.header('x-vobiz-timestamp'), seen.header('x-vobiz-signature')]
    expect(seen.header('x-ringback-replay')).toBe(id)
    expect(seen.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true)
    expect(Number(time)).toBeGreaterThan(Number(first?.header('x-vobiz-timestamp')))
    const made = createHmac('sha256', SECRET)
      .update(`${time ?? ''}.`)
      .update(seen.body)
      .digest('hex')
    expect(signature).toContain(made)
  }
  const again = await cli([...asked, '--dry-run', '--json'])
  expect(JSON.parse(again.stdout)).toMatchObject({ total: 6, counts: { already_delivered: 6 } })
})

test('a replay that is cancelled ends after what is under way, and its states add up', async () => {
  await using handler = await startTarget()
  await using ringback = await startRescue({ target: `${handler.origin}/hook` })
  await bury(ringback, handler, 30)
  const from = handler.requests.length
  handler.behave(behaviours.ok)
  const { id } = await replay(ringback, { result: 'dead', rate: 20, reason: 'mended' })
  await handler.seen(from + 4)
  await fetch(`${ringback.adminUrl}/api/v1/replays/${id}`, { method: 'DELETE' })
  const view = await ended(ringback, id)
  const sent = handler.requests.length - from
  expect(view).toMatchObject({ state: 'cancelled', total: 30, reason: 'mended' })
  expect(view.counts).toEqual({ delivered: sent, left: 30 - sent })
  await sleep(300)
  expect(handler.requests.length - from).toBe(sent)
  expect(await callbacksOf(ringback, '&result=dead')).toHaveLength(30 - sent)
})

test('`ringback replay` shows a bar that grows on a terminal, and Ctrl-C cancels the replay', async () => {
  await using handler = await startTarget()
  await using ringback = await startRescue({ target: `${handler.origin}/hook` })
  await bury(ringback, handler, 30)
  const from = handler.requests.length
  handler.behave(behaviours.ok)
  const ctrlC = new AbortController()
  let shown = ''
  const write = (text: string): void => {
    shown += text
    if (shown.includes('█')) ctrlC.abort()
  }
  const asked = ['replay', '--result', 'dead', '--rate', '20', '--json', '--url', ringback.adminUrl]
  const run = await cli(asked, { signal: ctrlC.signal, stderr: { isTTY: true, columns: 80, write } })
  expect(shown).toContain('\r\u001b[K█')
  expect(shown).toMatch(/█+░+ [1-9]\d* of 30/)
  const { id, state } = JSON.parse(run.stdout) as ReplayView
  expect(['running', 'cancelled']).toContain(state)
  const view = await ended(ringback, id)
  const sent = handler.requests.length - from
  expect(sent).toBeLessThan(30)
  expect(view).toMatchObject({ state: 'cancelled', counts: { delivered: sent, left: 30 - sent } })
})

test('a replay goes up from one at once, and leaves the rest alone when too many fail', async () => {
  await using handler = await startTarget()
  await using ringback = await startRescue({ target: `${handler.origin}/hook` })
  await bury(ringback, handler, 30)
  const from = handler.requests.length
  const underWay: number[] = []
  let now = 0
  handler.behave(async () => {
    underWay.push(++now)
    const isGood = underWay.length <= 7
    await sleep(60)
    now--
    return isGood ? { body: 'ok' } : { status: 503 }
  })
  const { id } = await replay(ringback, { result: 'dead', rate: 1000, abort_after: 2 })
  const view = await ended(ringback, id)
  expect(underWay.slice(0, 7)).toEqual([1, 1, 2, 1, 2, 3, 4])
  const failed = handler.requests.length - from - 7
  expect(failed).toBeLessThanOrEqual(8)
  expect(view).toMatchObject({
    state: 'aborted',
    total: 30,
    counts: { delivered: 7, failed, left: 23 - failed },
  })
  expect(await callbacksOf(ringback, '&result=dead')).toHaveLength(23)
})

test('a replay that a kill cut off is interrupted in plain sight, and the next one sends the rest', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-replay-'))
  try {
    await using handler = await startTarget()
    const config = { target: `${handler.origin}/hook` }
    const first = await startRescue(config, folder)
    await bury(first, handler, 30)
    const from = handler.requests.length
    handler.behave(behaviours.after(10, { body: 'ok' }))
    const { id } = await replay(first, { result: 'dead', rate: 40 })
    await handler.seen(from + 6)
    await first.kill()

    await using second = await startRescue(config, folder)
    const cut = await getJson<ReplayView>(second, `/api/v1/replays/${id}`)
    expect(cut).toMatchObject({ state: 'interrupted', total: 30, created_at: expect.any(Number) as number })
    expect(sum(cut.counts)).toBe(30)
    expect(cut.counts['delivered']).toBeGreaterThanOrEqual(3)
    const { rows } = await getJson<{ rows: ReplayView[] }>(second, '/api/v1/replays')
    expect(rows.map((row) => [row.id, row.state])).toEqual([[id, 'interrupted']])

    const rest = await ended(second, (await replay(second, { result: 'dead', rate: 1000 })).id)
    expect(rest.state).toBe('done')
    expect(await callbacksOf(second, '&result=dead')).toEqual([])
    const ids = handler.requests.slice(from).map(idOf)
    expect(new Set(ids).size).toBe(30)
    expect(ids.length - 30).toBeLessThanOrEqual(cut.counts['unknown'] ?? 0)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
