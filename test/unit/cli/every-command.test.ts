import { spawnSync } from 'node:child_process'

import { describe, expect, it } from 'vitest'

import { commandTree, type CommandNode } from '../../../src/cli/command-tree.ts'
import { addBacktest } from '../../../src/cli/commands/backtest.ts'
import { addDemo } from '../../../src/cli/commands/demo.ts'
import type { RunOptions } from '../../../src/cli/program.ts'
import { cli } from '../../support/run-cli.ts'

// Help, completion and did-you-mean of every command there is: a new one is held to the same without a new test.

const more: { tree: readonly CommandNode[] } & Partial<RunOptions> = {
  tree: [],
  addCommands: (program, cliFor) => {
    addBacktest(program, cliFor, () => Promise.reject(new Error('only its help is asked for')))
    addDemo(program, cliFor, () => Promise.resolve())
    more.tree = commandTree(program)
  },
}
await cli(['--version'], more)
const nodes = more.tree.filter(({ path }) => path !== '')
const paths = nodes.map(({ path }) => path)

/** What the shell offers for each of these lines, the last word of which is being typed. */
async function offered(lines: readonly (readonly string[])[]): Promise<readonly (readonly string[])[]> {
  const { stdout: script } = await cli(['completion', 'bash'], more)
  const asks = lines.map((words) => `ask ${words.map((word) => `'${word}'`).join(' ')}`)
  const program = `${script}
ask() { COMPREPLY=(); COMP_WORDS=(ringback "$@"); COMP_CWORD=$#; _ringback; echo "\${COMPREPLY[*]}"; }
${asks.join('\n')}`
  const { stdout, status } = spawnSync('bash', ['-c', program], { encoding: 'utf8' })
  expect(status).toBe(0)
  return stdout.split('\n').map((line) => line.split(' ').filter((word) => word !== ''))
}

it('all commands of the design are there', () => {
  const design =
    'serve init check urls send demo tail list show replay status alerts doctor drill healthcheck'.split(' ')
  expect(paths).toEqual(expect.arrayContaining(design))
})

describe('the help of every command', () => {
  it.each(nodes)(
    '$path: examples first, of this very command, with options that exist',
    async ({ path, options }) => {
      const { code, stdout, stderr } = await cli([...path.split(' '), '--help'], more)
      expect([path, code, stderr]).toEqual([path, 0, ''])
      const [head = '', rest = ''] = stdout.split(/^Usage: /m)
      expect(head).toMatch(/^Examples:\n {2}(source <\()?ringback/)
      expect(rest).toMatch(new RegExp(`^ringback ${path}\\b`))
      const examples = [...head.matchAll(/^ {2}(?:source <\()?ringback( .*)?$/gm)].map(
        ([, words = '']) => words,
      )
      expect(examples.some((words) => words.startsWith(` ${path}`) || path === 'serve')).toBe(true)
      const known = new Set(options.map(({ word }) => word))
      const used = examples
        .filter(
          (words) =>
            words.startsWith(` ${path}`) &&
            !paths.some((other) => other !== path && words.startsWith(` ${other}`)),
        )
        .flatMap((words) => [...words.matchAll(/ (--[a-z-]+)/g)].map(([, option = '']) => option))
      expect(used.filter((option) => !known.has(option))).toEqual([])
      expect(options.filter(({ meaning }) => meaning === '')).toEqual([])
    },
  )
})

describe('completion', () => {
  it('offers the subcommands and the options of every command in bash', async () => {
    const words = await offered(more.tree.map(({ path }) => [...path.split(' ').filter(Boolean), '']))
    const options = await offered(more.tree.map(({ path }) => [...path.split(' ').filter(Boolean), '--']))
    for (const [at, node] of more.tree.entries()) {
      expect([node.path, words[at]]).toEqual([node.path, node.words.map(({ word }) => word)])
      expect([node.path, options[at]]).toEqual([node.path, node.options.map(({ word }) => word)])
    }
  })

  it.each(['zsh', 'fish'])('names every command, subcommand and option in %s', async (shell) => {
    const { stdout } = await cli(['completion', shell], more)
    for (const { words, options } of more.tree) {
      const all = [...words, ...options].map(({ word }) =>
        shell === 'fish' ? word.replace(/^--/, '') : word,
      )
      expect(all.filter((word) => !stdout.includes(word))).toEqual([])
    }
  })
})

/** Said before anything else when it is missing. */
const mandatory: Readonly<Record<string, readonly string[]>> = {
  listen: ['--route', 'ivr', '--to', 'http://localhost'],
  'silence add': ['--comment', 'why'],
}

describe('a word that is misspelt', () => {
  it.each(paths.filter((path) => (path.split(' ').at(-1) ?? '').length > 3))(
    'is guessed: %s',
    async (path) => {
      const words = path.split(' ')
      const last = words.pop() ?? ''
      const { code, stdout, stderr } = await cli([...words, `${last.slice(0, 1)}x${last.slice(1)}`], more)
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(`Did you mean ${last}?`)])
    },
  )

  it.each(nodes)('is guessed where it is an option of $path', async ({ path, options }) => {
    for (const { word } of options.filter(({ word: each }) => each.length > 6)) {
      const argv = [...path.split(' '), ...(mandatory[path] ?? []), `${word}x`]
      const { code, stderr } = await cli(argv, more)
      expect([path, code, stderr]).toEqual([path, 2, expect.stringContaining(word)])
    }
  })
})
