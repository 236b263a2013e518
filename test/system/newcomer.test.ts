import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { environment, flags } from '../../bin/tuning.js'
import { type DaemonRun, runRingback } from '../support/run-daemon.ts'
import { freePort } from '../support/start-ringback.ts'
import { waitFor } from '../support/wait-for.ts'

// The tour of the README, as a newcomer takes it: `npm start` in one terminal, `npx ringback …` in another.

const REPOSITORY = join(import.meta.dirname, '../..')
let folder = ''
let env: Readonly<Record<string, string>> = {}
let daemon: ChildProcess | undefined
let output = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringback-newcomer-'))
  env = {
    RINGBACK_TRIAL_LISTEN: `127.0.0.1:${await freePort()}`,
    RINGBACK_TRIAL_ADMIN_LISTEN: `127.0.0.1:${await freePort()}`,
  }
  output = ''
  daemon = spawn(process.execPath, [join(REPOSITORY, 'bin/ringback.js')], {
    cwd: folder,
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [daemon.stdout, daemon.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  await waitFor('the start-up text', () => output.includes('npm start -- --config ringback.yaml'))
})

afterEach(async () => {
  if (daemon?.exitCode === null) {
    daemon.kill()
    await once(daemon, 'exit')
  }
  await rm(folder, { recursive: true })
})

async function ringback(...args: string[]): Promise<DaemonRun> {
  return runRingback(args, { folder, env })
}

it('the tour works: send, list, show, break, alert, mend', async () => {
  expect(output).toContain(`http://${env['RINGBACK_TRIAL_LISTEN']}/vobiz/MA_TRIAL`)

  const sent = await ringback('send', 'call.completed')
  expect([sent.code, sent.stdout]).toEqual([
    0,
    expect.stringMatching(/^200 after .*\n\{"status":"received"\}\n$/),
  ])
  const listed = await ringback('list')
  expect(listed.stdout).toMatch(/MA_TRIAL +call\.completed +test-\w+ +delivered +1 +ok +200/)
  const id = /[0-9A-Z]{26}/.exec(listed.stdout)?.[0] ?? ''
  expect((await ringback('show', id)).stdout).toContain('{"status":"received"}')
  expect((await ringback('status')).stdout).toMatch(/is ready[^]*alerts +none fires/)

  expect(await ringback('trial', 'break')).toMatchObject({ code: 0 })
  await ringback('send', '--count', '3')
  const alert = await waitFor('the alert', async () => {
    const { stdout } = await ringback('alerts')
    return stdout.includes('firing') && stdout
  })
  expect(alert).toMatch(/MA_TRIAL +primary +3 +– +3 failures in a row/)
  expect(output).toContain('ALERT FIRES: 3 failures in a row on MA_TRIAL, primary')

  expect(await ringback('trial', 'mend')).toMatchObject({ code: 0 })
  expect(await ringback('send', '--count', '2')).toMatchObject({ code: 0 })
  expect((await ringback('alerts')).stderr).toContain('No alert fires.')
  await waitFor('the end in the log', () =>
    output.includes('alert resolved: consecutive_failures on MA_TRIAL, primary'),
  )
})

it('a test callback of the admin API goes through the public port', async () => {
  const response = await fetch(`http://${env['RINGBACK_TRIAL_ADMIN_LISTEN']}/api/v1/test-callback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ event: 'answered', dialect: 'v3', fields: { CallUUID: 'from-the-api' } }),
  })
  expect(await response.json()).toMatchObject({
    status: 200,
    call_id: 'from-the-api',
    body: '{"status":"received"}',
    url: `http://${env['RINGBACK_TRIAL_LISTEN']}/vobiz/MA_TRIAL`,
  })
  expect((await ringback('list')).stdout).toMatch(/call\.answered +from-the-api +delivered/)
})

/** Of the running daemon: how it was started. */
function facts(file: 'environ' | 'cmdline'): string[] {
  return readFileSync(`/proc/${daemon?.pid}/${file}`, 'utf8').split('\0')
}

it.runIf(process.platform === 'linux')(
  'runs, as the process that was started, with what keeps it small',
  () => {
    expect(facts('environ')).toEqual(
      expect.arrayContaining(Object.entries(environment).map(([name, value]) => `${name}=${value}`)),
    )
    expect(facts('cmdline')).toEqual(expect.arrayContaining(flags))
  },
)
