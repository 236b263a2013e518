import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { expect, test } from 'vitest'

import { callbacksOf, getJson, sendEvent, startRescue } from '../../support/rescue-rig.ts'
import { behaviours, startTarget } from '../../support/target-server.ts'
import { waitFor } from '../../support/wait-for.ts'

test('a route that acknowledges answers at once, and a slow handler has all the time it needs', async () => {
  await using handler = await startTarget(behaviours.after(3500, { body: 'done' }))
  await using ringback = await startRescue({ target: `${handler.origin}/hook`, account: '    reply: ack' })
  const answer = await sendEvent(ringback.publicPort, { event: 'call.completed', call_id: 'slow' })
  expect(answer).toMatchObject({ status: 200, text: '' })
  expect(answer.ms).toBeLessThan(1000)
  await waitFor(
    'late delivery',
    async () => (await callbacksOf(ringback, '&result=delivered_late')).length === 1,
  )
  expect(handler.requests).toHaveLength(1)
})

test('what is brought to its handler because the ledger is slow is not delivered a second time beside that', async () => {
  await using handler = await startTarget(behaviours.after(1500, { body: 'done' }))
  await using ringback = await startRescue({ target: `${handler.origin}/hook`, account: '    reply: ack' })
  const stalled = new DatabaseSync(join(ringback.folder, 'ledger/ringback.db'))
  stalled.exec('BEGIN IMMEDIATE')
  const first = sendEvent(ringback.publicPort, { event: 'call.completed', call_id: 'first' })
  await waitFor('the first with its handler', () => handler.requests.length === 1)
  const second = sendEvent(ringback.publicPort, { event: 'call.completed', call_id: 'second' })
  await new Promise((resolve) => setTimeout(resolve, 200))
  stalled.exec('ROLLBACK')
  stalled.close()
  // What the second does once its row is written: it wakes whoever delivers what waits.
  expect((await second).status).toBe(200)
  expect((await first).status).toBe(200)
  const rows = await waitFor('both delivered', async () => {
    const found = await callbacksOf(ringback)
    return found.length === 2 && found.every(({ result }) => result.startsWith('delivered')) && found
  })
  expect(rows.map(({ call_id, result }) => [call_id, result])).toEqual([
    ['second', 'delivered_late'],
    ['first', 'delivered'],
  ])
  expect(handler.requests.map((request) => request.header('x-ringback-delivery'))).toEqual([
    rows[1]?.id,
    rows[0]?.id,
  ])
  const attempts = await getJson<{ rows: readonly { via: string }[] }>(
    ringback,
    `/api/v1/callbacks/${rows[1]?.id}/attempts`,
  )
  expect(attempts.rows.map(({ via }) => via)).toEqual(['live'])
})

test('the provider is told the truth when the backlog is full', async () => {
  await using handler = await startTarget(() => behaviours.status(503))
  await using ringback = await startRescue({
    target: `${handler.origin}/hook`,
    rescue: 'max_rows: 2, schedule: [1m]',
  })
  const answers = []
  for (const call_id of ['1', '2', '3']) {
    answers.push(await sendEvent(ringback.publicPort, { event: 'call.completed', call_id }))
  }
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 503])
  expect(answers[2]?.text).toContain('too many callbacks wait')
  const metrics = await (await fetch(`${ringback.adminUrl}/metrics`)).text()
  expect(metrics).toContain('ringback_rescue_queue_length{route="MA_TEST123"} 2')
})

test("the provider's own retry is marked, answered as before and delivered once", async () => {
  await using handler = await startTarget()
  await using ringback = await startRescue({ target: `${handler.origin}/hook` })
  const event = { event: 'call.completed', call_id: 'twice' }
  await sendEvent(ringback.publicPort, event)
  await new Promise((resolve) => setTimeout(resolve, 1100)) // another second, so another signature
  expect(await sendEvent(ringback.publicPort, event)).toMatchObject({ status: 200 })
  expect(handler.requests).toHaveLength(1)
  const rows = await waitFor('both rows', async () => {
    const found = await callbacksOf(ringback, '&call_id=twice')
    return found.length === 2 && found
  })
  expect(rows.map((row) => row.duplicate_of)).toEqual([rows[1]?.id, ''])
})
