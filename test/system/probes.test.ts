import { expect, it } from 'vitest'

import type { CallbackRow, Page } from '../../src/admin/api.ts'
import { startRingback } from '../support/start-ringback.ts'
import { behaviours, startTarget } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

it('a GET without a call id is forwarded, logged and kept, and counts in no streak; a callback does', async () => {
  await using handler = await startTarget(() => behaviours.status(405))
  await using ringback = await startRingback(`
public_url: https://callbacks.example.com
listen: 127.0.0.1:0
admin: { listen: 127.0.0.1:0 }
store: sqlite:ledger/ringback.db
allow_targets: [127.0.0.0/8]
defaults: { on_failure: relay }
routes: [{ id: ivr, path: /ivr/, target: "${handler.url}", signature: off }]
`)
  const failures = async (): Promise<string | undefined> => {
    const text = await (await fetch(`${ringback.adminUrl}/metrics`)).text()
    return /consecutive_failures\{route="ivr",target="primary"\} (\d+)/.exec(text)?.[1]
  }
  for (let n = 0; n < 4; n++) {
    expect((await fetch(`${ringback.publicUrl}/ivr/answer?attempt=${n}`)).status).toBe(405)
  }
  const rows = await waitFor('rows of the probes', async () => {
    const response = await fetch(`${ringback.adminUrl}/api/v1/callbacks?failed=true`)
    const page = (await response.json()) as Page<CallbackRow>
    return page.rows.length === 4 && page.rows
  })
  expect(rows.map(({ method, call_id, result }) => [method, call_id, result])).toEqual(
    Array.from({ length: 4 }, () => ['GET', '', 'failed']),
  )
  // Lines are gathered for a moment before they are written.
  await waitFor('their lines in the log', () => ringback.logs().split('"outcome":"http_4xx"').length > 4)
  expect(await failures()).toBe('0')

  await fetch(`${ringback.publicUrl}/ivr/answer?CallUUID=c1&CallStatus=ringing`)
  await waitFor('the failure of a callback in the streak', async () => (await failures()) === '1')
})
