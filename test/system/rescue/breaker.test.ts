import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'

import type { RouteList } from '../../../src/admin/api.ts'
import { callbacksOf, getJson, SECRET, rescueConfig, sendEvent } from '../../support/rescue-rig.ts'
import { SlackSink } from '../../support/slack-sink.ts'
import { type RunningRingback, startRingback } from '../../support/start-ringback.ts'
import { behaviours, startTarget } from '../../support/target-server.ts'
import { waitFor } from '../../support/wait-for.ts'

const PROBE_MS = 300

/** What API and metrics say of the circuit of the handler. */
async function circuit(ringback: RunningRingback): Promise<readonly unknown[]> {
  const { rows } = await getJson<RouteList>(ringback, '/api/v1/routes')
  const metrics = await (await fetch(`${ringback.adminUrl}/metrics`)).text()
  const open = /^ringback_breaker_open\{route="MA_TEST123",target="primary"\} (\d)$/m.exec(metrics)?.[1]
  return [rows.find(({ id }) => id === 'MA_TEST123')?.targets[0]?.is_skipped, open]
}

test('a handler that keeps failing is skipped but for one probe at a time, nothing is dropped, and all say so', async () => {
  await using slack = await SlackSink.start()
  await using handler = await startTarget(() => behaviours.status(503))
  const text = rescueConfig({
    target: `${handler.origin}/hook`,
    rescue: 'schedule: [1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s, 1s]',
    top: 'notify: { slack: { webhook_url: { env: SLACK_URL } } }',
  }).replace('breaker: {', 'breaker: { after_failures: 3,')
  await using ringback = await startRingback(text, {
    env: { WEBHOOK_SECRET: SECRET, SLACK_URL: slack.url },
  })
  expect(await circuit(ringback)).toEqual([false, '0'])
  const send = async (call_id: string): Promise<number> =>
    (await sendEvent(ringback.publicPort, { event: 'call.completed', call_id })).status
  for (const call of ['1', '2', '3']) expect(await send(call)).toBe(200)
  expect(await circuit(ringback)).toEqual([true, '1'])
  await waitFor('the alert', () => slack.messages.length > 0)
  expect(slack.messages[0]?.raw).toContain('Circuit breaker')
  expect(slack.messages[0]?.raw).toContain('open: the target is skipped')

  const [before, since] = [handler.requests.length, performance.now()]
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => send(`more-${n}`)))
  expect(answers).toEqual(answers.map(() => 200))
  await sleep(4 * PROBE_MS)
  const probes = handler.requests.slice(before)
  expect(probes.length).toBeLessThanOrEqual((performance.now() - since) / PROBE_MS + 1)
  expect(probes.length).toBeGreaterThan(0)

  handler.behave(behaviours.ok)
  await waitFor(
    'late deliveries',
    async () => (await callbacksOf(ringback, '&result=delivered_late')).length === 23,
  )
  expect(await circuit(ringback)).toEqual([false, '0'])
})
