import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { AccountRig } from '../support/account-rig.ts'
import { cli } from '../support/run-cli.ts'

// Each exit code of the command line, brought about by what it stands for, beside a daemon that runs.

let rig: AccountRig
const env = { WEBHOOK_SECRET: 'another-secret-than-the-rig-has', TOKEN: 'a-token-of-good-length-0123' }
beforeAll(async () => {
  rig = await AccountRig.start({
    more: 'notify: { slack: { webhook_url: { env: HOOK } } }\n',
    env: { HOOK: 'http://127.0.0.1:1/hook' },
  })
})
afterAll(() => rig[Symbol.asyncDispose]())

async function run(...argv: readonly string[]) {
  return cli([...argv, '--url', rig.ringback.adminUrl], { env })
}

describe('exit codes', () => {
  it('0: it was done', async () => {
    expect((await run('status')).code).toBe(0)
    expect((await run('healthcheck')).code).toBe(0)
  })
  it('1: something that nobody foresaw, and a daemon that is not ready', async () => {
    const failing = { serve: () => Promise.reject(new Error('boom')) }
    expect((await cli(['serve'], failing)).code).toBe(1)
    expect((await cli(['healthcheck', '--url', 'http://127.0.0.1:1'])).code).toBe(1)
  })
  it('2: the command line is wrong', async () => {
    expect((await run('list', '--limit', 'x')).code).toBe(2)
    expect((await run('list', '--event', 'nonsense')).code).toBe(2)
    expect((await run('lst')).code).toBe(2)
  })
  it('3: the configuration is wrong', async () => {
    const file = join(rig.folder, 'bad.yaml')
    await writeFile(file, 'lisen: 1\n')
    expect((await cli(['check', file])).code).toBe(3)
    expect((await cli(['urls', '--config', file])).code).toBe(3)
  })
  it('4: nothing answers', async () => {
    const away = await cli(['status', '--url', 'http://127.0.0.1:1'])
    expect(away).toMatchObject({ code: 4, stdout: '' })
    expect(away.stderr).toContain('Is Ringback running?')
  })
  it('5: there is no such thing', async () => {
    expect((await run('show', '01KAJ0000000000000000000XX')).code).toBe(5)
    expect((await run('explain', '01KAJ0000000000000000000XX')).code).toBe(5)
    expect((await run('config', 'nothing')).code).toBe(5)
    expect((await run('replay', '01KAJ0000000000000000000XX')).code).toBe(5)
    expect((await run('replay', '01KAJ0000000000000000000XX', '--dry-run')).code).toBe(5)
  })
  it('6: the handler failed', async () => {
    await rig.handler.close()
    const sent = await cli(
      ['send', '--config', rig.configPath, '--to', `${rig.ringback.publicUrl}/vobiz/MA_TEST123`],
      { env: { WEBHOOK_SECRET: 'whsec-account-rig-0123456789', HOOK: 'http://127.0.0.1:1/hook' } },
    )
    expect([sent.code, sent.stderr]).toEqual([6, expect.any(String)])
  })
  it('7: a check failed', async () => {
    expect((await run('alerts', 'test')).code).toBe(7)
  })
  it('8: it is not allowed', async () => {
    await writeFile(join(rig.folder, 'there.yaml'), '')
    expect((await cli(['init', '--config', join(rig.folder, 'there.yaml')])).code).toBe(8)
  })
})
