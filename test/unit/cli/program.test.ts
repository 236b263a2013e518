import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { exitCodes } from '../../../src/cli/exit-codes.ts'
import { errorCodes } from '../../../src/errors.ts'
import { cli } from '../../support/run-cli.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringback-cli-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe('the command line', () => {
  it('has one exit code for each kind of error', () => {
    expect(exitCodes).toEqual({
      ok: 0,
      general: 1,
      usage: 2,
      config: 3,
      unreachable: 4,
      not_found: 5,
      handler_failed: 6,
      check_failed: 7,
      not_allowed: 8,
      ledger: 1,
      interrupted: 130,
    })
    for (const code of errorCodes) expect(exitCodes).toHaveProperty(code)
  })

  it.each([
    [['lst'], 'Did you mean list?'],
    [['lst', '--failed'], 'Did you mean list?'],
    [['--jsn'], 'Did you mean --json?'],
    [['doctor', 'sgnature'], 'Did you mean signature?'],
    [['alerts', 'tset', '--json'], 'Did you mean test?'],
    [['alerts', 'nonsense'], 'ringback alerts --help'],
    [['silence', 'lst'], 'Did you mean list?'],
    [['trial', 'brek'], 'Did you mean break?'],
    [['list', '--faild'], 'Did you mean --failed?'],
    [['show'], "missing required argument 'id'"],
    [['show', 'a', 'b'], 'too many arguments'],
    [['list', '--limit', '0'], '--limit'],
    [['send', 'call.complted'], 'Did you mean call.completed?'],
    [['send', '--count', 'x'], '--count'],
    [['send', '--dialect', 'v4'], 'Allowed choices'],
    [['send', '--set', 'novalue'], '--set'],
  ])('exits 2 for %j and helps', async (argv, hint) => {
    const { code, stdout, stderr } = await cli(argv)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(hint)
  })

  it.each([[[]], [['serve']]])('runs the daemon for %j', async (argv) => {
    const { code, served } = await cli([...argv, '--config', join(folder, 'x.yaml')])
    expect([code, served]).toMatchObject([0, [{ configPath: join(folder, 'x.yaml') }]])
  })

  it('hands on the exit code of the daemon, and says what kept it from starting', async () => {
    expect((await cli(['serve'], { serve: () => Promise.resolve(70) })).code).toBe(70)
    const failed = await cli(['serve'], { serve: () => Promise.reject(new Error('boom')) })
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('boom')])
  })

  it('shows examples first in the help of every command', async () => {
    const { stdout, code } = await cli(['--help'])
    expect(code).toBe(0)
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name ?? '')
    expect(commands.length).toBeGreaterThan(10)
    for (const name of commands.filter((each) => each !== 'help' && each !== 'ringback')) {
      const help = await cli([name, '--help'])
      expect([name, help.code, help.stdout.slice(0, 9)]).toEqual([name, 0, 'Examples:'])
    }
  })

  it('colours for a terminal only, and not when told not to', async () => {
    const file = join(folder, 'ringback.yaml')
    writeFileSync(file, 'accounts: []\n')
    const color = async (more: string[], env: Record<string, string>, isTTY: boolean) => {
      let text = ''
      const stdout = { isTTY, write: (piece: string) => (text += piece) }
      await cli(['check', file, ...more], { stdout, env })
      return text.includes('\u001b[')
    }
    expect(await color([], {}, true)).toBe(true)
    expect(await color([], {}, false)).toBe(false)
    expect(await color([], { FORCE_COLOR: '1' }, false)).toBe(true)
    expect(await color([], { NO_COLOR: '1' }, true)).toBe(false)
    expect(await color([], { TERM: 'dumb' }, true)).toBe(false)
    expect(await color(['--no-color'], {}, true)).toBe(false)
  })
})

describe('ringback init, check and urls', () => {
  it('write a file that loads once its secrets are set, and never overwrite one', async () => {
    const file = join(folder, 'deep', 'ringback.yaml')
    expect(await cli(['init', '--config', file])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(file) as string,
    })
    const unset = await cli(['check', '--config', file])
    expect(unset.code).toBe(3)
    expect(unset.stderr).toMatch(
      /ringback\.yaml:\d+:\d+ {2}accounts\[0\]\.webhook_secret: .*VOBIZ_WEBHOOK_SECRET/,
    )
    expect(unset.stderr).toContain('2 problems')
    writeFileSync(join(folder, 'deep', '.env'), readFileSync(join(folder, 'deep', '.env.example')))
    expect(await cli(['check', file])).toMatchObject({ code: 0 })
    const urls = await cli(['urls', '--json', '--config', file])
    expect(JSON.parse(urls.stdout)).toMatchObject({
      url: 'https://callbacks.example.com/vobiz/MA_XXXXXXXX',
      scope: 'account',
    })
    writeFileSync(file, 'mine')
    expect((await cli(['init', '--config', file])).code).toBe(8)
    expect(readFileSync(file, 'utf8')).toBe('mine')
    expect((await cli(['init', '--force', '--config', file])).code).toBe(0)
  })

  it('names each file that init wrote in an object of its own for programs', async () => {
    const file = join(folder, 'ringback.yaml')
    const { code, stdout } = await cli(['init', '--json', '--config', file])
    const lines = stdout.trimEnd().split('\n')
    expect([code, lines.map((line): unknown => JSON.parse(line))]).toEqual([
      0,
      [{ written: file }, { written: join(folder, '.env.example') }],
    ])
  })

  it('reports every problem at once, for people and programs', async () => {
    const file = join(folder, 'ringback.yaml')
    writeFileSync(file, 'listn: 1\nrescue: { concurrency: 0 }\n')
    const people = await cli(['check', file])
    expect(people.code).toBe(3)
    expect(people.stderr).toMatch(/ringback\.yaml:1:1 .*\n.*ringback\.yaml:2:\d+ /)
    const programs = await cli(['check', file, '--json'])
    expect(programs.code).toBe(3)
    expect(JSON.parse(programs.stdout)).toMatchObject({ ok: false, problems: [{ line: 1 }, { line: 2 }] })
    expect((await cli(['check', join(folder, 'none.yaml')])).code).toBe(3)
  })
})
