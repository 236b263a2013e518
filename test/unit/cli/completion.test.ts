import { spawnSync } from 'node:child_process'

import { describe, expect, it } from 'vitest'

import { cli } from '../../support/run-cli.ts'

async function script(shell: string): Promise<string> {
  const { code, stdout, stderr } = await cli(['completion', shell])
  expect([code, stderr]).toEqual([0, ''])
  return stdout
}

/** What bash offers for the last of these words. */
function completed(bash: string, ...words: readonly string[]): readonly string[] {
  const program = `${bash}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ringback; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, status } = spawnSync('bash', ['-c', program, 'bash', 'ringback', ...words], {
    encoding: 'utf8',
  })
  expect(status).toBe(0)
  return stdout.split('\n').filter((line) => line !== '')
}

describe('completion in bash', () => {
  it.each<[readonly string[], readonly string[]]>([
    [['li'], ['list', 'listen']],
    [['list', '--f'], ['--failed']],
    [
      ['alerts', ''],
      ['ack', 'test', 'explain'],
    ],
    [['alerts', 'ack', '--com'], ['--comment']],
    [['--json', 'doct'], ['doctor']],
    [['doctor', ''], ['signature']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [
      ['send', '--dialect', 'ma-'],
      ['ma-v2', 'ma-v3'],
    ],
    [['show', 'x'], []],
  ])('%j', async (words, offered) => {
    expect(completed(await script('bash'), ...words)).toEqual(offered)
  })
})

it.each(['zsh', 'fish'])('the script for %s names every command and what it does', async (shell) => {
  const text = await script(shell)
  const { stdout: help } = await cli(['--help'])
  const commands = [...help.matchAll(/^ {2}([a-z]+) .* {2}\S/gm)].map(([, name]) => name ?? '')
  expect(commands.length).toBeGreaterThan(15)
  for (const name of commands.filter((each) => !['help', 'ringback'].includes(each))) {
    expect(text).toMatch(new RegExp(`'${name}[:']`))
  }
  expect(text).toContain('list callbacks, newest first')
})

it('knows its shells', async () => {
  expect(await cli(['completion', 'tcsh'])).toMatchObject({ code: 2, stdout: '' })
  expect(await cli(['completion'])).toMatchObject({ code: 2, stdout: '' })
})
