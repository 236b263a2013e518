import { describe, expect, it } from 'vitest'

import { attemptRow, callbackRow, startAdmin, token } from '../../support/admin-parts.ts'
import { naughtyStrings } from '../../support/naughty-strings.ts'
import { cli } from '../../support/run-cli.ts'

const id = (n: number) => `01KAJ${String(n).padStart(21, '0')}`

async function healthOf(url: string): Promise<object> {
  const { code, stdout } = await cli(['healthcheck', '--json', '--url', url])
  expect(stdout).toMatch(/^[^\n]+\n$/)
  return { code, ...(JSON.parse(stdout) as object) }
}

describe('ringback list', () => {
  it('prints a table for people and one JSON object a line for programs', async () => {
    await using admin = await startAdmin()
    admin.parts.rows = [
      callbackRow({ id: id(1) }),
      callbackRow({ id: id(2), result: 'failed', last_outcome: 'http_5xx', answer_status: 502 }),
    ]
    const people = await cli(['list', '--url', admin.url])
    expect(people).toMatchObject({ code: 0, stderr: '' })
    const [head, first] = people.stdout.split('\n')
    expect(head).toMatch(/^TIME \(UTC\) +ID +ROUTE +EVENT +CALL +RESULT/)
    expect(first).toMatch(/01KAJ0+2 +app-12345 +call\.completed +call-1 +failed +1 +http_5xx +502/)
    const programs = await cli(['list', '--json', '--failed', '--url', admin.url])
    expect(
      programs.stdout
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([admin.parts.rows[1]])
  })

  it('follows pages up to its limit, and says when there is more', async () => {
    await using admin = await startAdmin()
    admin.parts.rows = Array.from({ length: 1500 }, (_, n) => callbackRow({ id: id(n) }))
    const all = await cli(['list', '--json', '--limit', '1200', '--url', admin.url])
    expect(all.stdout.trimEnd().split('\n')).toHaveLength(1200)
    expect((await cli(['list', '--limit', '5', '--url', admin.url])).stderr).toContain('There are more')
  })

  it('prints nothing on standard output when nothing matches', async () => {
    await using admin = await startAdmin()
    expect(await cli(['list', '--url', admin.url])).toMatchObject({ code: 0, stdout: '' })
  })
})

describe('texts from outside', () => {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  const hostile = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u

  it.each(['list', 'show', 'list --json', 'show --json'])(
    'reach the terminal harmless in `%s`',
    async (command) => {
      await using admin = await startAdmin()
      admin.parts.rows = naughtyStrings.map((text, n) =>
        callbackRow({ id: id(n), call_id: text, raw_event: text, path: text, route: text, peer: text }),
      )
      admin.parts.attemptRows = naughtyStrings.map((text, n) =>
        attemptRow({
          callback_id: id(n),
          error: text,
          url: text,
          reply: { headers: [text, text], body: text, body_bytes: 1, is_truncated: true, is_redacted: true },
        }),
      )
      const [name = '', ...flags] = command.split(' ')
      const lists =
        name === 'list' ? [['list', '--limit', '1000']] : naughtyStrings.map((_text, n) => ['show', id(n)])
      for (const argv of lists) {
        const { code, stdout } = await cli([...argv, ...flags, '--url', admin.url])
        expect([argv, code, hostile.exec(stdout)]).toEqual([argv, 0, null])
      }
    },
  )

  it('stay in the line of their row', async () => {
    await using admin = await startAdmin()
    admin.parts.rows = naughtyStrings.map((text, n) => callbackRow({ id: id(n), call_id: text, route: text }))
    const { stdout } = await cli(['list', '--limit', '1000', '--url', admin.url])
    expect(stdout.trimEnd().split('\n')).toHaveLength(naughtyStrings.length + 1)
  })
})

describe('ringback show', () => {
  it('tells the whole story of one callback', async () => {
    await using admin = await startAdmin()
    admin.parts.rows = [callbackRow({ id: id(1), result: 'rescued', last_outcome: 'http_5xx' })]
    admin.parts.attemptRows = [attemptRow({ callback_id: id(1) })]
    const { stdout, code } = await cli(['show', id(1), '--url', admin.url])
    expect(code).toBe(0)
    expect(stdout).toContain('Rescued: the last attempt ended in http_5xx, the provider was told 200')
    expect(stdout).toContain('Attempt 1: http_5xx (502) after 143 ms')
    expect(stdout).toContain('dns 1.0 ms, connect 2.0 ms, tls 3.0 ms, first byte 130 ms, total 143 ms')
    expect(stdout).toContain('bad gateway')
  })

  it('exits 5 for an id that nothing has', async () => {
    await using admin = await startAdmin()
    expect(await cli(['show', id(9), '--url', admin.url])).toMatchObject({ code: 5, stdout: '' })
  })

  it('names the command that takes the id of a call', async () => {
    await using admin = await startAdmin()
    const { code, stderr } = await cli(['show', 'b2f0-call', '--url', admin.url])
    expect([code, stderr]).toEqual([
      2,
      'error: b2f0-call is not the id of a callback; for a call: ringback list --call b2f0-call\n',
    ])
  })
})

describe('ringback status, alerts and healthcheck', () => {
  it('show how things are, and what to do next', async () => {
    await using admin = await startAdmin()
    const status = await cli(['status', '--url', admin.url])
    expect(status.stdout).toMatch(/Ringback 0\.1\.0 is ready/)
    expect(status.stdout).toMatch(/app-12345 +10 +1 +2 +12 ms +150 ms +never/)
    expect(status.stdout).toContain('See what is wrong: ringback alerts')
    const alerts = await cli(['alerts', '--url', admin.url])
    expect(alerts.stdout).toContain('3 failures in a row: answered 502')
    admin.parts.incidentRows = []
    expect(await cli(['alerts', '--url', admin.url])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'No alert fires.\n',
    })
  })

  it('healthcheck knows 0 and 1 only', async () => {
    await using admin = await startAdmin()
    expect((await cli(['healthcheck', '--url', admin.url])).code).toBe(0)
    admin.parts.reasons = ['draining', 'no ledger']
    expect(await cli(['healthcheck', '--url', admin.url])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'error: draining; no ledger\n',
    })
    expect((await cli(['healthcheck', '--url', 'http://127.0.0.1:1'])).code).toBe(1)
  })

  it('healthcheck tells programs whether and why in one line', async () => {
    await using admin = await startAdmin()
    expect(await healthOf(admin.url)).toEqual({ code: 0, is_ready: true, reasons: [] })
    admin.parts.reasons = ['draining']
    expect(await healthOf(admin.url)).toEqual({ code: 1, is_ready: false, reasons: ['draining'] })
    expect(await healthOf('http://127.0.0.1:1')).toMatchObject({ code: 1, is_ready: false })
  })
})

describe('ringback tail', () => {
  it('prints what happens, and comes back after the daemon was away', async () => {
    const first = await startAdmin()
    const port = Number(new URL(first.url).port)
    const ended = new AbortController()
    let stdout = ''
    let stderr = ''
    const following = cli(['tail', '--json', '--url', first.url], {
      signal: ended.signal,
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
    })
    const now = first.parts.nowMs
    const event = (n: number) =>
      ({ type: 'callback', at: now + n, data: callbackRow({ id: id(n), received_at: now + n }) }) as const
    await expect.poll(() => first.parts.listeners.size).toBe(1)
    first.parts.tell(event(1))
    await expect.poll(() => stdout).toContain(id(1))
    await first.server.close()
    await expect.poll(() => stderr).toContain('trying again')
    await using second = await startAdmin({ port })
    await expect.poll(() => second.parts.listeners.size, { timeout: 5000 }).toBe(1)
    second.parts.tell(event(1))
    second.parts.tell(event(2))
    await expect.poll(() => stdout).toContain(id(2))
    ended.abort()
    expect((await following).code).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(2)
    expect(stderr).toContain('Connected again.')
  })
})

describe('the connection', () => {
  it('takes the token from the environment or a file, and exits 8 without one', async () => {
    await using admin = await startAdmin({ tokens: [token('reader', 'read')] })
    const url = ['--url', admin.url]
    expect(
      (await cli(['status', ...url], { env: { RINGBACK_ADMIN_TOKEN: 'reader-token-0123456789' } })).code,
    ).toBe(0)
    const refused = await cli(['status', ...url])
    expect(refused.code).toBe(8)
    expect(refused.stderr).toContain('RINGBACK_ADMIN_TOKEN')
    expect((await cli(['status', ...url, '--token-file', '/nowhere/token'])).code).toBe(2)
  })

  it('finds the daemon by RINGBACK_URL, and exits 4 when nothing answers', async () => {
    await using admin = await startAdmin()
    expect((await cli(['status'], { env: { RINGBACK_URL: `${admin.url}/` } })).code).toBe(0)
    const lost = await cli(['status', '--url', 'http://127.0.0.1:1'])
    expect(lost.code).toBe(4)
    expect(lost.stderr).toContain('ringback serve')
    expect((await cli(['status', '--url', 'ftp://x'])).code).toBe(2)
  })
})
