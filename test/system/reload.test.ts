import { writeFile } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import type { ReloadResult, StatusView } from '../../src/admin/api.ts'
import { AccountRig } from '../support/account-rig.ts'
import { startTarget } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

describe('a reload', () => {
  it('swaps routes under load without one failed callback, by signal and by API', async () => {
    await using rig = await AccountRig.start()
    await using second = await startTarget()
    const before = rig.configText({})
    const after = before.replace(rig.handler.origin, second.origin)
    const over = new AbortController()
    const statuses: number[] = []
    const load = Array.from({ length: 8 }, async (_, client) => {
      for (let n = 0; !over.signal.aborted; n++)
        statuses.push((await rig.post({ call_id: `${client}-${n}` })).status)
    })
    for (const [text, server] of [
      [after, second],
      [before, rig.handler],
    ] as const) {
      const seen = server.requests.length
      await writeFile(rig.configPath, text)
      process.kill(rig.ringback.pid, 'SIGHUP')
      await waitFor('callbacks on the other handler', () => server.requests.length > seen + 20)
    }
    await writeFile(rig.configPath, after)
    const reply = await fetch(`${rig.ringback.adminUrl}/api/v1/reload`, { method: 'POST' })
    expect(((await reply.json()) as ReloadResult).changes.map(({ field }) => field)).toEqual([
      'accounts.MA_TEST123.default_callback_url',
    ])
    over.abort()
    await Promise.all(load)
    expect(statuses.filter((status) => status !== 200)).toEqual([])
    expect(rig.handler.requests.length + second.requests.length).toBe(statuses.length)
  })

  it('keeps the old configuration when the new one is bad, and names the line', async () => {
    await using rig = await AccountRig.start()
    const lines = rig.configText({}).split('\n')
    const line = lines.findIndex((text) => text.includes('webhook_secret')) + 1
    await writeFile(rig.configPath, lines.join('\n').replace('webhook_secret', 'webhook_secert'))

    process.kill(rig.ringback.pid, 'SIGHUP')
    await waitFor('the line in the log', () =>
      rig.ringback
        .logs()
        .split('\n')
        .some(
          (text) => text.includes('configuration not reloaded') && text.includes(`ringback.yaml:${line}:`),
        ),
    )
    const reply = await fetch(`${rig.ringback.adminUrl}/api/v1/reload`, { method: 'POST' })
    expect(reply.status).toBe(422)
    expect(await reply.text()).toContain(`ringback.yaml:${line}:`)
    const { config } = await rig.get<StatusView>('/api/v1/status')
    expect(config.problem).toContain('webhook_secert')
    expect(await (await fetch(`${rig.ringback.adminUrl}/metrics`)).text()).toMatch(
      /config_last_reload_success\S* 0/,
    )
    expect(await rig.post({ call_id: 'still-served' })).toMatchObject({ status: 200 })
  })
})
