import type { Command } from 'commander'

import type { ChannelTest, RuleReport } from '../../admin/alert-api.ts'
import { RingbackError } from '../../errors.ts'
import type { SilenceRow } from '../../ledger/alert-store.ts'
import type { Cli } from '../cli.ts'
import { connect } from '../client.ts'
import { type Column, table } from '../table.ts'
import { oneLine } from '../terminal-text.ts'
import { timeText } from '../words.ts'
import { userName } from './user-name.ts'

type CliFor = (command: Command) => Cli
interface Rows<Row> {
  readonly rows: readonly Row[]
}

/** `alerts ack`, `alerts test`, `alerts explain`. */
export function addAlertHandling(alerts: Command, cliFor: CliFor): void {
  alerts
    .command('ack <incident>')
    .summary('say that you look after an incident: no reminders, no escalation')
    .option('--comment <text>', 'why, for the others', '')
    .option('--by <name>', 'who you are', userName())
    .option('--for <duration>', 'until reminders come again', '8h')
    .action(
      async (
        incident: string,
        options: Readonly<Record<'comment' | 'by' | 'for', string>>,
        command: Command,
      ) => {
        const cli = cliFor(command)
        const body = { by: options.by, comment: options.comment, expires_in: options.for }
        await connect(cli).post(`/api/v1/incidents/${encodeURIComponent(incident)}/ack`, body)
        cli.tell(`Acknowledged by ${oneLine(options.by)} for ${oneLine(options.for)}.`)
      },
    )
  alerts
    .command('test')
    .summary('send a test message through each channel and show what it answers')
    .option('--channel <name>', 'only this channel')
    .action(async (options: { readonly channel?: string }, command: Command) => {
      const cli = cliFor(command)
      const { rows } = await connect(cli).post<Rows<ChannelTest>>('/api/v1/alerts/test', options)
      show(cli, rows, testColumns)
      const refused = rows.filter(({ is_accepted }) => !is_accepted).map(({ channel }) => channel)
      if (refused.length > 0)
        throw new RingbackError('check_failed', `Not accepted by: ${refused.join(', ')}.`)
    })
  alerts
    .command('explain <route>')
    .summary('say of every rule why it fires on a route, or why not')
    .action(async (route: string, _options: unknown, command: Command) => {
      const cli = cliFor(command)
      const { rows } = await connect(cli).get<Rows<RuleReport>>('/api/v1/alerts/explain', { route })
      show(cli, rows, ruleColumns)
    })
}

/** `silence add`, `silence list`, `silence end`. */
export function addSilence(program: Command, cliFor: CliFor): void {
  const silence = program
    .command('silence')
    .summary('keep people from being told of some alerts for a time')
    .addHelpText(
      'before',
      'Examples:\n  ringback silence add --route ivr --for 2h --comment "planned work"\n' +
        '  ringback silence list\n  ringback silence end ID\n',
    )
  silence
    .command('add')
    .summary('begin a silence; without a matcher it covers every alert')
    .option('--route <pattern>', 'route, * for any text', '')
    .option('--rule <pattern>', 'rule, such as no_callbacks', '')
    .option('--target <pattern>', 'target', '')
    .option('--severity <pattern>', 'critical or warning', '')
    .option('--by <name>', 'who you are', userName())
    .option('--for <duration>', 'how long', '2h')
    .requiredOption('--comment <text>', 'why')
    .action(async ({ for: expires_in, ...body }: Readonly<Record<string, string>>, command: Command) => {
      const cli = cliFor(command)
      const added = await connect(cli).post<SilenceRow>('/api/v1/silences', { ...body, expires_in })
      if (cli.options.json === true) cli.printJson(added)
      else
        cli.print(
          `Silent until ${timeText(added.expires_at)} UTC. End it with: ringback silence end ${added.id}`,
        )
    })
  silence
    .command('list')
    .summary('list the silences that have not expired')
    .action(async (_options: unknown, command: Command) => {
      const cli = cliFor(command)
      const { rows } = await connect(cli).get<Rows<SilenceRow>>('/api/v1/silences')
      if (rows.length === 0 && cli.options.json !== true) cli.tell('Nothing is silenced.')
      else show(cli, rows, silenceColumns)
    })
  silence
    .command('end <id>')
    .summary('end a silence now')
    .action(async (id: string, _options: unknown, command: Command) => {
      const cli = cliFor(command)
      await connect(cli).cancel(`/api/v1/silences/${encodeURIComponent(id)}`)
      cli.tell('Ended; what fires is told.')
    })
}

function show<Row extends object>(cli: Cli, rows: readonly Row[], columns: readonly Column<Row>[]): void {
  if (cli.options.json === true) for (const row of rows) cli.printJson(row)
  else cli.print(table(columns, rows, cli))
}

const testColumns: readonly Column<ChannelTest>[] = [
  { head: 'CHANNEL', cell: (row) => oneLine(row.channel) },
  {
    head: 'RESULT',
    cell: (row) => (row.is_accepted ? 'accepted' : 'refused'),
    color: (row) => (row.is_accepted ? 'green' : 'red'),
  },
  { head: 'MS', rank: 1, isRight: true, cell: (row) => String(Math.round(row.ms)) },
  { head: 'WHAT IT SAID', isText: true, cell: (row) => oneLine(row.note, 120) },
]

const ruleColumns: readonly Column<RuleReport>[] = [
  { head: 'RULE', cell: (row) => oneLine(row.rule) },
  { head: 'TARGET', rank: 1, cell: (row) => oneLine(row.target === '' ? '–' : row.target, 24) },
  {
    head: 'STATE',
    cell: (row) => (row.is_firing ? 'firing' : row.is_on ? row.verdict : 'off'),
    color: (row) => (row.is_firing ? 'red' : row.is_on ? 'none' : 'dim'),
  },
  {
    head: 'WHY',
    isText: true,
    cell: (row) => oneLine(row.held === '' ? row.reason : `${row.reason} (${row.held})`, 160),
  },
]

const silenceColumns: readonly Column<SilenceRow>[] = [
  { head: 'ID', cell: (row) => row.id },
  { head: 'UNTIL (UTC)', rank: 1, cell: (row) => timeText(row.expires_at) },
  { head: 'ROUTE', rank: 3, cell: (row) => oneLine(row.route === '' ? '*' : row.route, 24) },
  { head: 'RULE', rank: 4, cell: (row) => oneLine(row.rule === '' ? '*' : row.rule, 24) },
  { head: 'BY', rank: 2, cell: (row) => oneLine(row.created_by, 16) },
  { head: 'WHY', isText: true, cell: (row) => oneLine(row.comment, 80) },
]
