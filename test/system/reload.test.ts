import { writeFile } from 'node:fs/promises'

import { describe, expect, it } from 'vitest'

import type { ReloadResult, StatusView } from '../../src/admin/api.ts'
import { AccountRig } from '../support/account-rig.ts'
import { behaviours, startTarget } from '../support/target-server.ts'
import { waitFor } from '../support/wait-for.ts'

const adminWith = (tokens: string) => `admin: { listen: 127.0.0.1:0, tokens: [${tokens}] }`
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

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

  it('refuses the token that is gone, ends its session, and keeps the others', async () => {
    const [stays, leaves] = [
      '{ name: stays, role: admin, token: { env: STAYS } }',
      '{ name: leaves, role: admin, token: { env: LEAVES } }',
    ]
    const env = { STAYS: 'stays-token-0123456789', LEAVES: 'leaves-token-0123456789' }
    await using rig = await AccountRig.start({ admin: adminWith(`${stays}, ${leaves}`), env })
    const ask = (path: string, headers: Record<string, string>, method = 'GET') =>
      fetch(rig.ringback.adminUrl + path, { method, headers })
    const signIn = await fetch(`${rig.ringback.adminUrl}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: env.LEAVES }),
    })
    const cookie = { cookie: signIn.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
    const stream = await ask('/api/v1/stream', bearer(env.LEAVES))
    expect((await ask('/api/v1/status', cookie)).status).toBe(200)

    await writeFile(rig.configPath, rig.configText({ admin: adminWith(stays) }))
    const reply = await ask('/api/v1/reload', bearer(env.STAYS), 'POST')
    expect(((await reply.json()) as ReloadResult).changes).toContainEqual({
      field: 'admin.tokens.leaves',
      text: 'removed',
      needs_restart: false,
    })
    expect((await ask('/api/v1/status', bearer(env.LEAVES))).status).toBe(401)
    expect((await ask('/api/v1/reload', bearer(env.LEAVES), 'POST')).status).toBe(401)
    expect((await ask('/api/v1/status', cookie)).status).toBe(401)
    expect((await ask('/api/v1/status', bearer(env.STAYS))).status).toBe(200)
    await rig.post({ call_id: 'nobody-is-told' })
    expect(await stream.text()).not.toContain('nobody-is-told')
  })

  it('does not open a private port to other machines that was closed to them by a token', async () => {
    const token = '{ name: ops, role: admin, token: { env: OPS } }'
    const env = { OPS: 'ops-token-0123456789' }
    await using rig = await AccountRig.start({
      admin: `admin: { listen: 0.0.0.0:0, tokens: [${token}] }`,
      env,
    })
    await writeFile(rig.configPath, rig.configText({})) // good by itself: no token, on loopback
    const headers = bearer(env.OPS)
    const reply = await fetch(`${rig.ringback.adminUrl}/api/v1/reload`, { method: 'POST', headers })
    expect([reply.status, await reply.text()]).toEqual([422, expect.stringContaining('admin.tokens')])
    expect((await fetch(`${rig.ringback.adminUrl}/api/v1/status`)).status).toBe(401)
  })

  it('brings limits of the breaker and the level of the log into force', async () => {
    await using rig = await AccountRig.start({ more: 'breaker: { after_failures: 1000 }\n' })
    rig.handler.behave(() => behaviours.status(500))
    for (let n = 0; n < 5; n++) await rig.post({ call_id: `before-${n}` })
    expect(rig.handler.requests).toHaveLength(5)

    const more = 'breaker: { after_failures: 7, probe_every: 1h }\nlog: { level: error }\n'
    await writeFile(rig.configPath, rig.configText({ more }))
    await fetch(`${rig.ringback.adminUrl}/api/v1/reload`, { method: 'POST' })
    for (let n = 0; n < 5; n++) await rig.post({ call_id: `after-${n}` })
    expect(rig.handler.requests).toHaveLength(7)
    await waitFor('the last failure in the log', () => rig.ringback.logs().includes('"after-4"'))
    const lines = rig.ringback.logs().split('\n')
    expect(lines.filter((line) => line.includes('"before-4"'))).not.toEqual([])
    expect(lines.filter((line) => line.includes('"level":30') && line.includes('"after-'))).toEqual([])
  })

  it('takes a public URL that the file did not name before', async () => {
    await using rig = await AccountRig.start({ publicUrl: '' })
    expect(await rig.post({ call_id: 'a' })).toMatchObject({ status: 200 })
    await writeFile(rig.configPath, rig.configText({}))
    await fetch(`${rig.ringback.adminUrl}/api/v1/reload`, { method: 'POST' })
    await rig.post({ call_id: 'b' })
    expect(rig.handler.requests.map((request) => request.header('x-forwarded-host'))).toEqual([
      `127.0.0.1:${rig.ringback.publicPort}`,
      'callbacks.example.com',
    ])
  })
})
