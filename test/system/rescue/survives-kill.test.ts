import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { callbacksOf, sendEvent, startRescue } from '../../support/rescue-rig.ts'
import { behaviours, startTarget } from '../../support/target-server.ts'
import { waitFor } from '../../support/wait-for.ts'

test('what was answered for a handler that is down survives kill -9 and is delivered when the handler is back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-rescue-'))
  try {
    await using handler = await startTarget(() => behaviours.status(503))
    const config = { target: `${handler.origin}/hook` }
    const first = await startRescue(config, folder)
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        sendEvent(first.publicPort, { event: 'call.completed', call_id: `call-${n}`, n }),
      ),
    )
    expect(answers.map(({ status, text }) => [status, text])).toEqual(answers.map(() => [200, '']))
    await first.kill()

    const tried = handler.requests.length
    handler.behave(behaviours.ok)
    await using second = await startRescue(config, folder)
    const rows = await waitFor('late deliveries', async () => {
      const late = await callbacksOf(second, '&result=delivered_late')
      return late.length === 4 && late
    })
    const delivered = handler.requests.slice(tried)
    const calls = delivered.map((seen) => (JSON.parse(seen.body.toString()) as { call_id: string }).call_id)
    expect(new Set(calls)).toEqual(new Set(['call-1', 'call-2', 'call-3', 'call-4']))
    expect(calls).toHaveLength(4)
    for (const row of rows) {
      const live = handler.requests.find((seen) => seen.header('x-ringback-delivery') === row.id)
      const late = delivered.find((seen) => seen.header('x-ringback-delivery') === row.id)!
      expect(late.body.equals(live!.body)).toBe(true)
      expect(late.header('x-ringback-received')).toBe(new Date(row.received_at).toISOString())
      expect(Number(late.header('x-ringback-attempt'))).toBe(row.attempts)
      expect(row).toMatchObject({ answer_status: 200, blame: 'handler', last_outcome: 'ok' })
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
