import type { Command } from 'commander'

import type { RouteExplanation } from '../../admin/api.ts'
import type { Cli } from '../cli.ts'
import { connect } from '../client.ts'
import { type Column, table } from '../table.ts'
import { manyLines, oneLine } from '../terminal-text.ts'

interface ExplainOptions {
  readonly method: string
  readonly body?: string
}

export function addExplain(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('explain')
    .summary('say which route a callback goes to, and why no more specific one')
    .argument('<what>', 'id of a callback, or a path or URL that the provider would dial')
    .option('--method <method>', 'POST or GET, for a path', 'POST')
    .option('--body <text>', 'JSON or form of the callback, for a path')
    .addHelpText(
      'before',
      'Examples:\n  ringback explain 01KAJ5M3ZQ8XW2V7T4R6N9PBCD\n  ringback explain /ivr/menu\n' +
        `  ringback explain /vobiz/MA_TEST123 --body '{"event":"call.completed","application_id":"app-12345"}'\n`,
    )
    .action(async (what: string, options: ExplainOptions, command: Command) => {
      const cli = cliFor(command)
      const { body } = options
      const request = /[/.:]/.test(what)
        ? { path: what, method: options.method.toUpperCase(), ...(body === undefined ? {} : { body }) }
        : { callback: what }
      const found = await connect(cli).post<RouteExplanation>('/api/v1/explain-route', request)
      if (cli.options.json === true) cli.printJson(found)
      else cli.print(explanationText(found, cli))
    })
}

function explanationText(found: RouteExplanation, cli: Cli): string {
  const { paint } = cli
  const head =
    found.route === null
      ? paint('red', 'No route takes it.')
      : `It goes to route ${paint('green', oneLine(found.route, 64))}.`
  return [
    head,
    `  ${oneLine(`${found.method} ${found.path}`)}${factsText(found)}`,
    '',
    table(columns, found.steps, cli),
    '',
    ...found.effects.map((text) => manyLines(text)),
    ...found.remarks.map((text) => paint('yellow', oneLine(text))),
  ].join('\n')
}

const columns: readonly Column<RouteExplanation['steps'][number]>[] = [
  {
    head: 'LEVEL',
    cell: ({ scope, is_chosen: isChosen }) => `${isChosen ? '→' : ' '} ${scope}`,
    color: ({ is_chosen: isChosen }) => (isChosen ? 'green' : 'none'),
  },
  { head: 'ROUTE', cell: ({ route }) => oneLine(route === '' ? '–' : route, 40) },
  { head: 'WHY', isText: true, cell: ({ why }) => oneLine(why, 300) },
]

function factsText({ facts }: RouteExplanation): string {
  const told = Object.entries(facts).filter(([, value]) => value !== '' && value !== 'none')
  if (told.length === 0) return ''
  return `\n  ${oneLine(told.map(([name, value]) => `${name} ${value}`).join(', '), 300)}`
}
