import { expect, it } from 'vitest'

import type { MessageRow } from '../../../src/ledger/rows.ts'
import { callbackRow, startAdmin } from '../../support/admin-parts.ts'
import { cli } from '../../support/run-cli.ts'
import { behaviours, startTarget } from '../../support/target-server.ts'

const id = (n: number) => `01KAJ${String(n).padStart(21, '0')}`

const message = (change: Partial<MessageRow> = {}): MessageRow => ({
  headers: ['Content-Type', 'application/json', 'Authorization', '***', 'X-Vobiz-Signature-V3', '***'],
  body: '{"event":"call.completed","from":"***34"}',
  body_bytes: 41,
  is_truncated: false,
  is_redacted: true,
  ...change,
})

it('repeats the callbacks of a route in their order, says what is masked and what is missing', async () => {
  await using admin = await startAdmin()
  await using handler = await startTarget(behaviours.after(5, { body: 'copy' }))
  const requests = new Map<string, MessageRow | null>([
    [id(1), message()],
    [id(2), message({ body: null })],
    [id(3), message({ is_truncated: true })],
    [id(4), message({ body: 'Event=Hangup', is_redacted: false })],
  ])
  Object.assign(admin.parts.reader, {
    callback: (which: string) =>
      Promise.resolve({
        ...callbackRow({ id: which }),
        request: requests.get(which) ?? null,
        attempt_rows: [],
      }),
  })
  const ended = new AbortController()
  let stdout = ''
  let stderr = ''
  const listening = cli(
    ['listen', '--route', 'app-12345', '--to', `${handler.origin}/hooks?x=1`, '--url', admin.url],
    {
      signal: ended.signal,
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
    },
  )
  await expect.poll(() => admin.parts.listeners.size).toBe(1)
  for (const [at, which] of [...requests.keys()].entries()) {
    admin.parts.tell({ type: 'callback', at, data: callbackRow({ id: which, received_at: at }) })
  }
  await expect.poll(() => stdout.split('\n').length).toBe(3)
  ended.abort()
  expect((await listening).code).toBe(0)

  expect(handler.requests.map(({ target, body }) => [target, body.toString()])).toEqual([
    ['/hooks?x=1', '{"event":"call.completed","from":"***34"}'],
    ['/hooks?x=1', 'Event=Hangup'],
  ])
  const [first] = handler.requests
  expect(first?.header('content-type')).toBe('application/json')
  expect(first?.header('x-ringback-delivery')).toBe(id(1))
  expect(first?.header('authorization')).toBeUndefined()
  expect(first?.header('x-vobiz-signature-v3')).toBeUndefined()
  expect(stdout.split('\n').map((line) => line.endsWith('(masked)'))).toEqual([true, false, false])
  expect(stderr).toContain(`${id(2)} call.completed is not repeated: its body was not kept`)
  expect(stderr).toContain(`${id(3)} call.completed is not repeated: its body was kept in part`)
})

it('goes on when the handler is down, and wants a route and a URL', async () => {
  await using admin = await startAdmin()
  Object.assign(admin.parts.reader, {
    callback: (which: string) =>
      Promise.resolve({ ...callbackRow({ id: which }), request: message(), attempt_rows: [] }),
  })
  const ended = new AbortController()
  let stderr = ''
  const listening = cli(['listen', '--route', 'r', '--to', 'http://127.0.0.1:1/', '--url', admin.url], {
    signal: ended.signal,
    stderr: { write: (text) => (stderr += text) },
  })
  await expect.poll(() => admin.parts.listeners.size).toBe(1)
  for (const n of [1, 2]) {
    const row = callbackRow({ id: id(n), route: 'r', received_at: n })
    admin.parts.tell({ type: 'callback', at: n, data: row })
  }
  await expect.poll(() => stderr.match(/could not be repeated/g)?.length).toBe(2)
  ended.abort()
  expect((await listening).code).toBe(0)
  expect((await cli(['listen', '--route', 'r'])).code).toBe(2)
  expect((await cli(['listen', '--route', 'r', '--to', 'localhost'])).stderr).toContain('--to')
})
