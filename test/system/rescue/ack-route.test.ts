import { expect, test } from 'vitest'

import { callbacksOf, sendEvent, startRescue } from '../../support/rescue-rig.ts'
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
