import { randomUUID } from 'node:crypto'
import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import { AccountRig } from '../support/account-rig.ts'
import { daemonEnv, MAIN } from '../support/shipped.ts'

// `ringback … | head -1`: the reader of a command goes before it has written, or in the middle of it.

let rig: AccountRig
let scratch: string
const quietly = { code: 0, stderr: expect.stringMatching(/^Following .*\n$/) as string }
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'ringback-pipe-test-'))
  rig = await AccountRig.start({})
  await rig.post({ call_id: randomUUID() })
})
afterAll(async () => {
  await rig[Symbol.asyncDispose]()
  await rm(scratch, { recursive: true })
})

function start(args: readonly string[], stdout: 'pipe' | number = 'pipe') {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: rig.folder,
    env: { ...daemonEnv, TMPDIR: scratch, RINGBACK_URL: rig.ringback.adminUrl },
    stdio: ['ignore', stdout, 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL')) // a test that fails leaves nothing behind
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
  const ended = new Promise<{ code: number | string | null; stderr: string }>((resolve) =>
    child.once('close', (status, signal) => resolve({ code: signal ?? status, stderr })),
  )
  return { child, ended }
}

/** Lets callbacks come until something has happened. */
async function sendUntil<Value>(happening: Promise<Value>): Promise<Value> {
  const over = new AbortController()
  const sending = (async () => {
    while (!over.signal.aborted) await rig.post({ call_id: randomUUID() })
  })()
  const value = await happening
  over.abort()
  await sending
  return value
}

describe('a reader that goes', () => {
  it.each(['--help', 'send --help', 'list', 'list --json', 'status', 'completion bash', 'demo --fast'])(
    'at once ends `ringback %s` quietly',
    async (line) => {
      const { child, ended } = start(line.split(' '))
      child.stdout?.destroy()
      expect(await ended).toEqual({ code: 0, stderr: '' })
      expect(await readdir(scratch)).toEqual([])
    },
  )

  it('in the middle ends what would go on for nobody', async () => {
    const { child, ended } = start(['tail', '--json'])
    const first: unknown = await sendUntil(new Promise((resolve) => child.stdout?.once('data', resolve)))
    expect(String(first)).toContain('"type":')
    child.stdout?.destroy()
    expect(await sendUntil(ended)).toEqual(quietly)
  })

  it('of standard error leaves what was asked for as it is', async () => {
    const { child, ended } = start(['tail', '--json'])
    child.stderr?.destroy()
    await sendUntil(new Promise((resolve) => child.stdout?.once('data', resolve)))
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ code: 0 })
  })
})

it('Ctrl-C ends `ringback tail` with 0 and without a word', async () => {
  const { child, ended } = start(['tail'])
  await new Promise((resolve) => child.stderr?.once('data', resolve))
  child.kill('SIGINT')
  expect(await ended).toEqual(quietly)
})

it('an output that takes nothing more is told, and fails', async () => {
  const { ended } = start(['list'], openSync('/dev/full', 'w'))
  expect(await ended).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^error: cannot write what was asked for: .*ENOSPC/m) as string,
  })
})
