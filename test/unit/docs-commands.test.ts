import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { addBacktest } from '../../src/cli/commands/backtest.ts'
import { addDemo } from '../../src/cli/commands/demo.ts'
import { cli } from '../support/run-cli.ts'

const pages = ['README.md', ...markdownIn('docs'), ...markdownIn('docs/runbook')]

function markdownIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file))
}

/** Every `ringback …` of a page: lines of its shell blocks, and code in its sentences. */
function commandsIn(text: string): readonly string[] {
  const blocks = [...text.matchAll(/```(?:sh|console|bash)\n(.*?)```/gs)].flatMap(([, block = '']) =>
    block.split('\n'),
  )
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  return [...blocks, ...inline].flatMap((line) => {
    const [, command = ''] =
      /^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:npx )?(ringback(?: [^#|;&>]*)?)/.exec(line) ?? []
    return command === '' ? [] : [command.trim()]
  })
}

/** What is wrong with a command, by the program's own help; undefined when it exists with these options. */
async function problemOf(command: string): Promise<string | undefined> {
  const [, ...words] = command.split(/\s+/)
  const options = words.filter((word) => word.startsWith('-')).map((word) => word.split('=')[0] ?? '')
  const name = words.find((word) => /^[a-z]/.test(word))
  const { code, stdout, stderr } = await cli([...(name === undefined ? [] : [name]), '--help'], {
    addCommands: (program, cliFor) => {
      addDemo(program, cliFor, () => Promise.resolve())
      addBacktest(program, cliFor, () => Promise.reject(new Error('only its help is asked for')))
    },
  })
  const usage = /^Usage: (.*)$/m.exec(stdout)?.[1] ?? ''
  if (code !== 0 || (name !== undefined && !usage.startsWith(`ringback ${name}`))) {
    return `there is no such command: ${stderr}`
  }
  const unknown = options.filter((option) => !new RegExp(`(^|[\\s,])${option}([\\s,]|$)`, 'm').test(stdout))
  return unknown.length === 0 ? undefined : `no option ${unknown.join(', ')}`
}

describe.each(pages)('%s', (page) => {
  const text = readFileSync(page, 'utf8')

  it('names only commands and options that exist', async () => {
    const wrong: string[] = []
    for (const command of new Set(commandsIn(text))) {
      const problem = await problemOf(command)
      if (problem !== undefined) wrong.push(`${command}: ${problem}`)
    }
    expect(wrong).toEqual([])
  })

  it('links only to files and headings that are there', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    const broken = links.filter((link) => !/^(https?|mailto):/.test(link) && !leads(page, link))
    expect(broken).toEqual([])
  })
})

function leads(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#')
  const file = path === '' ? page : join(dirname(page), path)
  if (!existsSync(file)) return false
  if (heading === undefined) return true
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)
  return [...headings].some(([, words = '']) => anchorOf(words) === heading)
}

/** As GitHub makes them. */
function anchorOf(words: string): string {
  return words
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')
}

describe('the check of commands', () => {
  it('notices a command and an option that do not exist', async () => {
    expect(await problemOf('ringback lst')).toContain('no such command')
    expect(await problemOf('ringback list --faild')).toBe('no option --faild')
    expect(await problemOf('ringback list --failed --route ivr')).toBeUndefined()
    expect(commandsIn('```sh\nnpx ringback list # all\n```\nSee `ringback show ID`.')).toEqual([
      'ringback list',
      'ringback show ID',
    ])
  })
})
