import { writeFile } from 'node:fs/promises'

import { afterAll, beforeAll, expect, it } from 'vitest'

import type {
  CallbackRow,
  ConfigurationView,
  Page,
  ReloadResult,
  RouteExplanation,
} from '../../src/admin/api.ts'
import { AccountRig, RIG_SECRET } from '../support/account-rig.ts'
import { cli } from '../support/run-cli.ts'
import { waitFor } from '../support/wait-for.ts'

// What people ask of the configuration of a daemon that runs: what is in force, what a change would do, where a callback goes.

let rig: AccountRig
beforeAll(async () => {
  rig = await AccountRig.start({
    account:
      '    applications: [{ id: app-1, callback_url: "https://user:hush-pass@app.example.com/x?key=hush" }]\n',
  })
})
afterAll(() => rig[Symbol.asyncDispose]())

async function ask<Body>(path: string, body: unknown): Promise<Body> {
  const reply = await fetch(`${rig.ringback.adminUrl}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await reply.json()) as Body
}

it('shows what is in force with the line of each setting, and no secret', async () => {
  const view = await rig.get<ConfigurationView>('/api/v1/configuration')
  const row = (path: string) => view.rows.find((each) => each.path === path)
  expect(row('listen')).toMatchObject({ value: '127.0.0.1:0', origin: 'file', line: 2, needs_restart: true })
  expect(row('defaults.deadline')).toMatchObject({ value: '3s', origin: 'default', line: null })
  expect(row('accounts.MA_TEST123.webhook_secret')).toMatchObject({
    value: '(secret)',
    is_set: true,
    secret_from: ['env WEBHOOK_SECRET'],
  })
  expect(row('accounts.MA_TEST123.auth_token')).toMatchObject({ value: null, is_secret: true, is_set: false })
  expect(row('accounts.MA_TEST123.applications.app-1.on_failure')).toMatchObject({
    value: 'relay',
    inherited_from: 'defaults.on_failure',
    line: 6,
  })
  expect(JSON.stringify(view)).not.toContain(RIG_SECRET)
  expect(JSON.stringify(view)).not.toContain('hush')
})

it('says what a reload would change without changing anything', async () => {
  const before = rig.configText({})
  await writeFile(
    rig.configPath,
    before.replace('listen: 127.0.0.1:0\n', 'listen: 127.0.0.1:9\n') + 'replay_window: 5m\n',
  )
  const planned = await ask<ReloadResult>('reload', { dry_run: true })
  expect(planned).toEqual({
    dry_run: true,
    changes: [
      { field: 'listen', text: 'changed from 127.0.0.1:0 to 127.0.0.1:9', needs_restart: true },
      { field: 'accounts.MA_TEST123.applications.app-1', text: 'removed', needs_restart: false },
      { field: 'replay_window', text: 'changed from 10m to 5m', needs_restart: true },
    ],
    warnings: expect.any(Array) as unknown,
  })
  expect(await ask('reload', { dry_run: true })).toEqual(planned)
  await writeFile(rig.configPath, 'lisen: 127.0.0.1:0')
  expect(await ask<{ detail: string }>('reload', { dry_run: true })).toMatchObject({ status: 422 })
  expect((await rig.get<ConfigurationView>('/api/v1/configuration')).problem).toBe('')
})

it('explains the way of a callback that is made up, and of one that came', async () => {
  const madeUp = await ask<RouteExplanation>('explain-route', {
    path: 'https://callbacks.example.com/vobiz/MA_TEST123?x=1',
    body: JSON.stringify({ event: 'call.completed', call_id: 'c-1', application_id: 'app-1' }),
  })
  expect(madeUp.route).toBe('app-1')
  expect(madeUp.steps.find(({ is_chosen }) => is_chosen)?.scope).toBe('application')
  expect(JSON.stringify(madeUp)).not.toContain('hush')

  expect((await rig.post({ call_id: 'c-2', application_id: 'app-9' })).status).toBe(200)
  const rows = await waitFor('the row', async () => {
    const page = await rig.get<Page<CallbackRow>>('/api/v1/callbacks?call_id=c-2')
    return page.rows.length > 0 && page.rows
  })
  const came = await ask<RouteExplanation>('explain-route', { callback: rows[0]?.id })
  expect(came.route).toBe('MA_TEST123')
  expect(came.facts).toMatchObject({ call_id: 'c-2', application: 'app-9' })
  expect(came.steps.map(({ why }) => why)).toEqual([
    'no URL is registered for call c-2',
    'application app-9 is not configured in account MA_TEST123',
    'the callback names no trunk',
    'default_callback_url of account MA_TEST123 takes what nothing else claims',
  ])
  expect(came.effects[0]).toBe('Its signature must verify, else it is answered 401.')
})

it('says that nothing takes a path that no route has, and what a path must look like', async () => {
  const nowhere = await ask<RouteExplanation>('explain-route', { path: '/nowhere' })
  expect([nowhere.route, nowhere.effects]).toEqual([null, ['It is answered 404.']])
  expect(await ask('explain-route', { path: 'nowhere' })).toMatchObject({ status: 400, code: 'usage' })
  expect(await ask('explain-route', { callback: '01KAJ0000000000000000000XX' })).toMatchObject({
    status: 404,
  })
  expect(await ask('explain-route', {})).toMatchObject({ status: 400, code: 'invalid_request' })
})

it('sends test callbacks in every dialect that the configuration has keys for', async () => {
  expect(await ask('test-callback', { dialect: 'timestamp' })).toMatchObject({ status: 200 })
  // No key for it here; that the name is known is what is asked.
  expect(await ask('test-callback', { dialect: 'kyc' })).toMatchObject({ status: 400, code: 'usage' })
})

it('keeps saying what waits for a restart, and shows what is in force until then', async () => {
  const text = rig.configText({}).replace('listen: 127.0.0.1:0\n', 'listen: 127.0.0.1:9\n')
  await writeFile(rig.configPath, text)
  await ask('reload', {})
  const waiting = { field: 'listen', text: 'changed from 127.0.0.1:0 to 127.0.0.1:9', needs_restart: true }
  expect(await ask('reload', {})).toMatchObject({ changes: [waiting] })
  const again = await cli(['reload', '--url', rig.ringback.adminUrl])
  expect([again.stdout, again.stderr]).toEqual([
    'listen changed from 127.0.0.1:0 to 127.0.0.1:9 (takes effect after a restart)\n',
    expect.stringContaining('All of it waits for a restart.'),
  ])
  const shown = await cli(['config', 'listen', '--url', rig.ringback.adminUrl])
  expect(shown.stdout).toMatch(/listen +127\.0\.0\.1:0 +the start; \S+:2 waits for a restart/)
  await writeFile(rig.configPath, rig.configText({}))
  expect(await ask('reload', {})).toMatchObject({ changes: [] })
})
