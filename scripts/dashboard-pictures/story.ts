import { setTimeout as sleep } from 'node:timers/promises'

import { calls, forged, plain, type Stage, strays, warmUp } from '../../test/support/trouble-script.ts'
import { behaviours } from '../../test/support/target-server.ts'

/** What the pictures show: the whole story. */
export const SPAN_S = 210

const ok = (ms: number) => behaviours.after(ms, { body: 'ok' })

/**
 * Three and a half minutes in which everything happens once: a calm start; a primary that slows down and hangs, so that the fallback
 * takes over; both down, an alert and its end; a rescued route that loses its handler, catches up, and loses it again;
 * forgeries and strays.
 */
export async function tellStory(stage: Stage): Promise<void> {
  const { primary, fallback, sms, orders, slack } = stage
  await warmUp(stage)
  await traffic(stage, 50)
  primary.behave(() => ok(900)())
  await traffic(stage, 15)
  primary.behave(behaviours.hang)
  await traffic(stage, 20)
  fallback.behave(behaviours.hang)
  slack.behave({ status: 500, body: 'down' })
  await traffic(stage, 10)
  slack.behave('ok')
  fallback.behave(() => ok(50)())
  primary.behave(() => behaviours.status(503))
  await traffic(stage, 15)
  primary.behave(() => ok(30)())
  orders.behave(() => behaviours.status(503))
  await Promise.all([traffic(stage, 25), forged(stage, 12), strays(stage, 30)])
  orders.behave(() => ok(80)())
  sms.behave(() => behaviours.status(500))
  await traffic(stage, 8)
  sms.behave(() => ok(80)())
  await traffic(stage, 50)
  orders.behave(() => behaviours.status(410))
  await plain(stage, 'orders', 'message.inbound', 2)
  orders.behave(() => behaviours.status(503))
  await traffic(stage, 10)
  await sleep(2_000)
}

/** About ten callbacks a second over all routes. */
async function traffic(stage: Stage, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000
  const under: Promise<unknown>[] = []
  for (let turn = 0; Date.now() < end; turn += 1) {
    under.push(calls(stage, turn % 3 === 0 ? 'call.answered' : 'call.completed', 3))
    if (turn % 2 === 0) under.push(plain(stage, 'sms', 'message.inbound', 3))
    if (turn % 2 === 1) under.push(plain(stage, 'orders', 'message.inbound', 1))
    if (turn % 8 === 0) under.push(plain(stage, 'secure', 'call.completed', 1))
    await sleep(500)
  }
  await Promise.allSettled(under)
}
