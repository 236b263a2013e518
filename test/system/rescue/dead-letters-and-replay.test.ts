import { expect, test } from 'vitest'

import type { DeadLetter, ReplayView } from '../../../src/admin/api.ts'
import { cli } from '../../support/run-cli.ts'
import { callbacksOf, getJson, sendEvent, startRescue } from '../../support/rescue-rig.ts'
import type { RunningRingback } from '../../support/start-ringback.ts'
import { behaviours, startTarget } from '../../support/target-server.ts'
import { waitFor } from '../../support/wait-for.ts'

async function post<Value>(ringback: RunningRingback, path: string, body: object): Promise<Value> {
  const response = await fetch(ringback.adminUrl + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  const text = await response.text()
  expect([response.status, text]).toEqual([200, text])
  return JSON.parse(text) as Value
}

const letters = async (ringback: RunningRingback): Promise<readonly DeadLetter[]> =>
  (await getJson<{ rows: DeadLetter[] }>(ringback, '/api/v1/dead-letters')).rows

async function buryFour(ringback: RunningRingback): Promise<readonly DeadLetter[]> {
  for (const call_id of ['a', 'b', 'c', 'd']) {
    expect(await sendEvent(ringback.publicPort, { event: 'call.completed', call_id })).toMatchObject({
      status: 200,
    })
  }
  const dead = await letters(ringback)
  expect(dead.map(({ call_id, reason }) => [call_id, reason])).toEqual(
    ['d', 'c', 'b', 'a'].map((call) => [call, 'http_4xx']),
  )
  return dead
}

test('what a handler refuses for good is a dead letter, to be requeued or discarded with a reason', async () => {
  await using handler = await startTarget(() => behaviours.status(410))
  await using ringback = await startRescue({ target: `${handler.origin}/hook` })
  const [d, c, ...others] = await buryFour(ringback)
  await waitFor('gauge', async () =>
    (await (await fetch(`${ringback.adminUrl}/metrics`)).text()).includes(
      'ringback_dead_letters{route="MA_TEST123"} 4',
    ),
  )
  handler.behave(behaviours.ok)
  const why = { reason: 'handler mended' }
  expect(await post(ringback, '/api/v1/dead-letters/requeue', { ids: [d!.id], ...why })).toEqual({
    ids: [d!.id],
  })
  await waitFor(
    'late delivery',
    async () => (await callbacksOf(ringback, '&result=delivered_late')).length === 1,
  )
  expect(
    await post(ringback, '/api/v1/dead-letters/discard', { ids: [c!.id], reason: 'call is over' }),
  ).toEqual({
    ids: [c!.id],
  })
  expect(await letters(ringback)).toEqual(others)
  expect(await getJson(ringback, `/api/v1/callbacks/${c!.id}`)).toMatchObject({
    result: 'dead',
    reason: 'call is over',
  })
  expect(await getJson(ringback, `/api/v1/callbacks/${d!.id}`)).toMatchObject({ reason: 'handler mended' })
  const listed = await cli(['list', '--dead', '--url', ringback.adminUrl])
  expect(listed.stdout).toContain(others[0]!.id)
  expect(listed.stdout).not.toContain(c!.id)
})

test('a replay is planned, stops at its canary, and in the end every callback of the set is in one state', async () => {
  await using handler = await startTarget(() => behaviours.status(410))
  await using ringback = await startRescue({ target: `${handler.origin}/hook` })
  const dead = await buryFour(ringback)
  const filter = { result: 'dead' }
  const plan = await post<ReplayView>(ringback, '/api/v1/replays', { ...filter, dry_run: true })
  expect(plan).toMatchObject({ state: 'planned', total: 4, counts: { left: 4 } })
  const tried = handler.requests.length

  const ended = async (id: string): Promise<ReplayView> =>
    waitFor('end of the replay', async () => {
      const view = await getJson<ReplayView>(ringback, `/api/v1/replays/${id}`)
      return view.state !== 'running' && view
    })
  const canary = await ended((await post<ReplayView>(ringback, '/api/v1/replays', filter)).id)
  expect(canary).toMatchObject({ state: 'aborted', total: 4, counts: { left: 3, failed: 1 } })
  expect(handler.requests).toHaveLength(tried + 1)

  handler.behave(behaviours.ok)
  const replayed = await cli([
    'replay',
    '--result',
    'dead',
    '--rate',
    '200',
    '--json',
    '--url',
    ringback.adminUrl,
  ])
  expect(replayed.code).toBe(0)
  expect(JSON.parse(replayed.stdout)).toMatchObject({ state: 'done', total: 4, counts: { delivered: 4 } })
  expect(await letters(ringback)).toEqual([])
  const [request] = handler.requests.slice(tried + 1)
  expect(request?.header('x-ringback-delivery')).toBe(dead.at(-1)?.id)
  expect(request?.header('x-ringback-replay')).toMatch(/^[0-9A-Z]{26}$/)
  expect(request?.header('x-ringback-received')).toMatch(/Z$/)
  expect(Math.abs(Number(request?.header('x-vobiz-timestamp')) * 1000 - Date.now())).toBeLessThan(60_000)

  const ids = dead.map(({ id }) => id)
  const again = await post<ReplayView>(ringback, '/api/v1/replays', {
    ids: [...ids, 'nosuch'],
    dry_run: true,
  })
  expect(again).toMatchObject({ total: 5, counts: { already_delivered: 4, not_known: 1 } })
  const forced = await post<ReplayView>(ringback, '/api/v1/replays', {
    ids,
    dry_run: true,
    include_delivered: true,
  })
  expect(forced.counts).toEqual({ bytes_not_kept: 4 })
})
