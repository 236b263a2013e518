import { expect, test } from 'vitest'

import { callbacksOf, sendEvent, startRescue } from '../../support/rescue-rig.ts'
import { behaviours, startTarget, type TargetServer } from '../../support/target-server.ts'
import { waitFor } from '../../support/wait-for.ts'

interface Told {
  readonly call_id: string
  readonly event: string
}

const toldOf = (handler: TargetServer, from = 0): readonly string[] =>
  handler.requests.slice(from).map(({ body }) => {
    const { call_id, event } = JSON.parse(body.toString()) as Told
    return `${call_id} ${event}`
  })

test('a callback queues behind the rescued one of its call, and other calls are not held up', async () => {
  await using handler = await startTarget(() => behaviours.status(503))
  await using ringback = await startRescue({
    target: `${handler.origin}/hook`,
    rescue: 'schedule: [1s, 1s, 1s, 5s]',
  })
  const send = async (call_id: string, event: string): Promise<void> => {
    expect(await sendEvent(ringback.publicPort, { event, call_id })).toMatchObject({ status: 200, text: '' })
  }
  await send('a', 'call.initiated')
  handler.behave((request) => {
    const { call_id, event } = JSON.parse(request.body.toString()) as Told
    return call_id === 'a' && event === 'call.initiated' && handler.requests.length < 5
      ? behaviours.status(503)
      : { body: '' }
  })
  await send('a', 'call.answered')
  await send('a', 'call.completed')
  await send('b', 'call.initiated')
  await waitFor(
    'late deliveries',
    async () => (await callbacksOf(ringback, '&result=delivered_late')).length === 3,
  )
  const taken = toldOf(handler)
  expect(taken.indexOf('b call.initiated')).toBeLessThan(taken.indexOf('a call.answered'))
  expect(taken.filter((each) => each.startsWith('a')).slice(-3)).toEqual([
    'a call.initiated',
    'a call.answered',
    'a call.completed',
  ])
})
