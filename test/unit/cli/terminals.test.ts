import { describe, expect, it } from 'vitest'

import { manyNaughtyStrings as naughty } from '../../support/many-naughty-strings.ts'
import { cli } from '../../support/run-cli.ts'
import { startSchemaDaemon } from '../../support/schema-daemon.ts'

const id = '01KAJ5M3ZQ8XW2V7T4R6N9PBCD'
/** Every command that shows what a daemon answers. */
const commands = [
  'list --limit 1000',
  'list --dead --limit 1000',
  `show ${id}`,
  'status',
  'alerts',
  'alerts --all',
  'alerts test',
  'alerts explain ivr',
  'silence list',
  'audit',
  'config',
  'reconcile',
  `replay ${id}`,
  `replay --incident ${id} --dry-run`,
  `explain ${id}`,
  `doctor signature ${id}`,
  'drill',
  'reload --dry-run',
  'trial show',
  'trial break',
  'requeue --all',
  'discard --all',
  `requeue ${id} other`,
  `alerts ack ${id}`,
  'silence add --comment why',
  `silence end ${id}`,
  'doctor',
]
const run = async (command: string, url: string, columns = 0) => {
  let stdout = ''
  const write = (text: string) => (stdout += text)
  const output = columns === 0 ? { write } : { write, isTTY: true, columns }
  const ran = await cli([...command.split(' '), '--no-color', '--url', url], { stdout: output })
  return { ...ran, stdout }
}

/** As a daemon would say it: ids, long sentences, short names. */
function words(field: string, row: number, choices: readonly string[] | undefined): string {
  if (field === 'id') return id
  const isSentence = /reason|comment|note|detail|why|problem/.test(field)
  return isSentence
    ? `${'the handler refused the call '.repeat(4)}${row}`
    : (choices?.[0] ?? `${field}-${row}`)
}

describe('a narrow terminal', () => {
  it.each(commands)('of 40 columns keeps what `%s` shows in columns within its lines', async (command) => {
    await using daemon = await startSchemaDaemon(3, words)
    const { stdout, stderr } = await run(command, daemon.url, 40)
    expect(stdout + stderr).not.toBe('')
    // Prose is left to the terminal; what stands in columns would be torn.
    const inColumns = stdout.split('\n').filter((line) => /\S {2,}\S/.test(line))
    expect(inColumns.filter((line) => line.length > 40)).toEqual([])
  })

  it('loses no word of a reason, and names the columns that it leaves out', async () => {
    await using daemon = await startSchemaDaemon(3, words)
    const { stdout } = await run('alerts', daemon.url, 40)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(words('reason', 2, undefined))
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/Left out, because the terminal is narrow: .*TARGET/)
    const wide = await run('alerts', daemon.url, 400)
    expect(wide.stdout).not.toContain('Left out')
    expect(wide.stdout).toMatch(/^ID +STATE +SINCE.* +TARGET +HURT +ACKED BY +WHAT$/m)
  })
})

describe('naughty strings', () => {
  const hostile =
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u

  it.each(commands)('in every field of the answer reach no terminal by `%s`', async (command) => {
    let said = 0
    const next = (_field: string, row: number) => {
      said++
      return naughty[(row === 0 ? said : row) % naughty.length] ?? ''
    }
    await using daemon = await startSchemaDaemon(naughty.length, next)
    while (said < naughty.length) {
      const { stdout, stderr, code } = await run(command, daemon.url)
      expect([command, code === 0 || code >= 5, hostile.exec(stdout + stderr)]).toEqual([command, true, null])
      const longest = Math.max(...(stdout + stderr).split('\n').map((line) => line.length))
      expect(longest).toBeLessThan(9000) // fields of 100 kB are among them
    }
  })
})
