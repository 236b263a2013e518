import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import type { StreamEvent } from '../../../src/admin/api.ts'
import { addBacktest } from '../../../src/cli/commands/backtest.ts'
import type { RunOptions } from '../../../src/cli/program.ts'
import { attemptRow, callbackRow, startAdmin } from '../../support/admin-parts.ts'
import { naughtyStrings } from '../../support/naughty-strings.ts'
import { cli } from '../../support/run-cli.ts'
import { behaviours, startTarget } from '../../support/target-server.ts'

// Texts from outside where no table of a daemon shows them: streams, answers of handlers, files, errors, arguments.
// What daemons answer to every other command is in terminals.test.ts.

const hostile =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u
/** What is cut to fit into one message. */
const LONGEST_LINE = 9000

function expectHarmless(text: string): void {
  expect(hostile.exec(text)).toBeNull()
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(LONGEST_LINE)
}

const folder = mkdtempSync(join(tmpdir(), 'ringback-naughty-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a command that follows until so many lines have come; gives everything that it wrote. */
async function followed(
  argv: readonly string[],
  until: (stdout: string) => boolean,
  begin: () => Promise<void>,
): Promise<{ stdout: string; stderr: string }> {
  const end = new AbortController()
  let [stdout, stderr] = ['', '']
  const running = cli(argv, {
    signal: end.signal,
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  })
  await begin()
  await expect.poll(() => until(stdout) || stderr.slice(-1500), { timeout: 8000 }).toBe(true)
  end.abort()
  await running
  return { stdout, stderr }
}

const lines = (text: string): number => text.split('\n').length - 1

describe('what is followed', () => {
  it.each([[[]], [['--json']]])('by `ringback tail` is one harmless line an event: %j', async (flags) => {
    await using admin = await startAdmin()
    const events = naughtyStrings.flatMap((text, n): StreamEvent[] => {
      const callback = callbackRow({ id: `01KAJ${n}`, route: text, event: text, call_id: text, result: text })
      const {
        reply: _,
        resent: __,
        ...attempt
      } = attemptRow({ callback_id: `01KAJ${n}`, url: text, error: text })
      const data = { ...attempt, route: text, event: text, call_id: text, outcome: text, target: text }
      return [
        { type: 'attempt', at: n, data: data as never },
        { type: 'callback', at: n, data: callback },
      ]
    })
    const { stdout, stderr } = await followed(
      ['tail', ...flags, '--url', admin.url],
      (text) => lines(text) >= events.length,
      async () => {
        await expect.poll(() => admin.parts.listeners.size).toBe(1)
        for (const event of events) admin.parts.tell(event)
      },
    )
    expect(lines(stdout)).toBe(events.length)
    // JSON is whole, however long; it is the same value.
    expectHarmless(flags.length === 0 ? stdout + stderr : (stdout + stderr).replaceAll(/x{1000,}/g, ''))
  })

  it('by `ringback listen` is one harmless line a copy, whatever the handler answers', async () => {
    await using admin = await startAdmin()
    const answers = naughtyStrings.filter((text) => !/[\r\n]/.test(text) && text.length < 1000)
    let answered = 0
    await using handler = await startTarget((request, socket) => {
      const text = answers[answered++ % answers.length] ?? ''
      return behaviours.rawAndClose(
        `HTTP/1.1 200 ${text}\r\nContent-Type: ${text}\r\nX: ${text}\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok`,
      )(request, socket)
    })
    admin.parts.rows = answers.map((text, n) =>
      callbackRow({ id: `01KAJ${n}`, call_id: text, event: text, raw_event: text }),
    )
    const { callback } = admin.parts.reader
    const request = { headers: [], body: 'x', body_bytes: 1, is_truncated: false, is_redacted: false }
    Object.assign(admin.parts.reader, {
      callback: async (id: string) => Object.assign((await callback(id)) ?? {}, { request }),
    })
    const { stdout, stderr } = await followed(
      ['listen', '--route', 'app-12345', '--to', handler.url, '--url', admin.url],
      () => answered >= answers.length,
      async () => {
        await expect.poll(() => admin.parts.listeners.size).toBe(1)
        for (const data of admin.parts.rows) admin.parts.tell({ type: 'callback', at: 1, data })
      },
    )
    expectHarmless(stdout + stderr)
  })
})

it('what a handler answers to `ringback send`, and what is asked for, is harmless', async () => {
  let text = ''
  await using handler = await startTarget((request, socket) => {
    const head = text.replaceAll(/[\r\n]/g, ' ').slice(0, 500)
    const body = Buffer.from(text).toString('latin1')
    const raw = `HTTP/1.1 200 ${head}\r\nContent-Type: ${head}\r\nConnection: close\r\n\r\n${body}`
    return behaviours.rawAndClose(raw)(request, socket)
  })
  for (text of naughtyStrings) {
    const given = text.replaceAll('\u0000', '').slice(0, 1000)
    const argv = ['send', '--to', handler.url, '--call', given, '--set', `x${given}=${given}`]
    for (const more of [[], ['--json']]) {
      const { stdout, stderr } = await cli([...argv, ...more])
      expect([text.slice(0, 40), hostile.exec(stdout + stderr)]).toEqual([text.slice(0, 40), null])
    }
  }
})

const backtest = (text: string): Partial<RunOptions> => ({
  addCommands: (program, cliFor) =>
    addBacktest(program, cliFor, () => {
      const named = { rule: text, route: text, target: text, severity: text, reason: text }
      const at = { since: 1, fired_at: 2, fired_after_ms: 1, closed_at: null, lasted_ms: null }
      const incidents = [{ ...named, ...at, callbacks: 1, places: 2 }]
      return Promise.resolve({
        from: 0,
        to: 9,
        callbacks: 1,
        skipped: 1,
        incidents,
        messages: { [text]: 1 },
        really_fired: 1,
      })
    }),
})

describe('what stands in files and arguments', () => {
  it('is harmless in `ringback backtest`, `check`, `urls` and every error', async () => {
    const good = join(folder, 'good.yaml')
    writeFileSync(good, 'accounts: []\n')
    const bad = join(folder, 'bad.yaml')
    for (const text of naughtyStrings) {
      const route = { id: text, path: text, target: text, [text]: text }
      writeFileSync(
        bad,
        JSON.stringify({ [text]: text, public_url: text, routes: [route], accounts: [{ id: text }] }),
      )
      const runs = [
        cli(['backtest', '--config', good], backtest(text)),
        cli(['check', bad]),
        cli(['check', bad, '--json']),
        cli(['urls', '--config', bad]),
        cli([`x${text}`]),
        cli(['alerts', `x${text}`]),
        cli(['list', `--x${text}`]),
        cli(['list', '--limit', text]),
        cli(['send', `x${text}`]),
        cli(['send', '--set', `x${text}`.replaceAll('=', '')]),
        cli(['list', '--url', `x${text}`]),
        cli(['check', join(folder, `x${text.replaceAll('\u0000', '').replaceAll('/', '').slice(0, 100)}`)]),
      ]
      for (const [at, { stdout, stderr }] of (await Promise.all(runs)).entries()) {
        const said = stdout + stderr
        expect([at, text.slice(0, 40), hostile.exec(said)]).toEqual([at, text.slice(0, 40), null])
        if (at !== 2) expectHarmless(said)
      }
    }
  }, 90_000)

  it('is harmless in what a daemon refuses with', async () => {
    let text = ''
    await using daemon = await startTarget(() => ({
      status: 400,
      headers: [['Content-Type', 'application/problem+json']],
      body: JSON.stringify({
        type: text,
        title: text,
        status: 400,
        detail: text,
        code: text,
        errors: [{ field: text, message: text }],
      }),
    }))
    for (text of naughtyStrings) {
      const { code, stdout, stderr } = await cli(['status', '--url', daemon.origin])
      expect([text.slice(0, 40), code, stdout, hostile.exec(stderr)]).toEqual([
        text.slice(0, 40),
        2,
        '',
        null,
      ])
    }
  })
})
