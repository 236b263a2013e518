import { type Command, InvalidArgumentError } from 'commander'

import type { ChannelTest, RuleReport } from '../../admin/alert-api.ts'
import { parseDuration } from '../../config/units.ts'
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
  addAcknowledge(alerts, cliFor)
  addTest(alerts, cliFor)
  addExplainRules(alerts, cliFor)
}

function addAcknowledge(alerts: Command, cliFor: CliFor): void {
  alerts
    .command('ack <incident>')
    .summary('say that you look after an incident: no reminders, no escalation')
    .option('--comment <text>', 'why, for the others', '')
    .option('--by <name>', 'who you are', userName())
    .option('--for <duration>', 'until reminders come again', duration, '8h')
    .addHelpText(
      'before',
      'Examples:\n  ringback alerts ack 01KAJ4T9ZC8V2Q6N0R5X7M3B1D\n' +
        '  ringback alerts ack 01KAJ4T9ZC8V2Q6N0R5X7M3B1D --comment "handler is being restarted" --for 1h\n',
    )
    .addHelpText('after', '\n`ringback alerts` shows the ids. Who was told is told of the end all the same.')
    .action(
      async (
        incident: string,
        options: Readonly<Record<'comment' | 'by' | 'for', string>>,
        command: Command,
      ) => {
        const cli = cliFor(command)
        const body = { by: options.by, comment: options.comment, expires_in: options.for }
        const path = `/api/v1/incidents/${encodeURIComponent(incident)}/ack`
        const acknowledged = await connect(cli).post(path, body)
        if (cli.options.json === true) return cli.printJson(acknowledged)
        cli.tell(`Acknowledged by ${oneLine(options.by)} for ${oneLine(options.for)}.`)
      },
    )
}

function addTest(alerts: Command, cliFor: CliFor): void {
  alerts
    .command('test')
    .summary('send a test message through each channel and show what it answers')
    .option('--channel <name>', 'only this channel')
    .addHelpText(
      'before',
      'Examples:\n  ringback alerts test\n  ringback alerts test --channel slack --json\n',
    )
    .addHelpText(
      'after',
      '\nPast the queue, whatever a channel wants to hear of. Ends with code 7 when one refuses it.',
    )
    .action(async (options: { readonly channel?: string }, command: Command) => {
      const cli = cliFor(command)
      const { rows } = await connect(cli).post<Rows<ChannelTest>>('/api/v1/alerts/test', options)
      show(cli, rows, testColumns)
      const refused = rows.filter(({ is_accepted }) => !is_accepted).map(({ channel }) => channel)
      if (refused.length > 0)
        throw new RingbackError('check_failed', `Not accepted by: ${refused.join(', ')}.`)
    })
}

function addExplainRules(alerts: Command, cliFor: CliFor): void {
  alerts
    .command('explain <route>')
    .summary('say of every rule why it fires on a route, or why not')
    .addHelpText(
      'before',
      'Examples:\n  ringback alerts explain ivr\n  ringback alerts explain ivr --json | jq .\n',
    )
    .addHelpText(
      'after',
      '\nSTATE is firing, bad (fires with the next judgement), good, unclear (between the limits, or too little to tell) or off.\n' +
        '`ringback urls` lists the routes.',
    )
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
    .option('--for <duration>', 'how long', duration, '2h')
    .requiredOption('--comment <text>', 'why')
    .addHelpText(
      'before',
      'Examples:\n  ringback silence add --route ivr --for 2h --comment "planned work"\n' +
        '  ringback silence add --rule "slow_*" --severity warning --for 1d --comment "known, see OPS-12"\n',
    )
    .addHelpText(
      'after',
      '\nWho was told that it fires is told that it is over; what still fires at the end is told then.',
    )
    .action(async ({ for: expires_in, ...body }: Readonly<Record<string, string>>, command: Command) => {
      const cli = cliFor(command)
      const added = await connect(cli).post<SilenceRow>('/api/v1/silences', { ...body, expires_in })
      if (cli.options.json === true) cli.printJson(added)
      else
        cli.print(
          `Silent until ${timeText(added.expires_at)} UTC. End it with: ringback silence end ${oneLine(added.id, 64)}`,
        )
    })
  silence
    .command('list')
    .summary('list the silences that have not expired')
    .addHelpText('before', 'Examples:\n  ringback silence list\n  ringback silence list --json\n')
    .action(async (_options: unknown, command: Command) => {
      const cli = cliFor(command)
      const { rows } = await connect(cli).get<Rows<SilenceRow>>('/api/v1/silences')
      if (rows.length === 0 && cli.options.json !== true) cli.tell('Nothing is silenced.')
      else show(cli, rows, silenceColumns)
    })
  silence
    .command('end <id>')
    .summary('end a silence now')
    .addHelpText('before', 'Examples:\n  ringback silence end 6f1c2b3a-8d4e-4f50-9a6b-7c8d9e0f1a2b\n')
    .action(async (id: string, _options: unknown, command: Command) => {
      const cli = cliFor(command)
      const ended = await connect(cli).cancel(`/api/v1/silences/${encodeURIComponent(id)}`)
      if (cli.options.json === true) return cli.printJson(ended)
      cli.tell('Ended; what fires is told.')
    })
}

function show<Row extends object>(cli: Cli, rows: readonly Row[], columns: readonly Column<Row>[]): void {
  if (cli.options.json === true) for (const row of rows) cli.printJson(row)
  else cli.print(table(columns, rows, cli))
}

/** Says it of the option before anything is sent. */
function duration(text: string): string {
  if (parseDuration(text) !== undefined) return text
  throw new InvalidArgumentError('It must be a duration such as 30m, 4h or 2d.')
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
  { head: 'ROUTE', rank: 5, cell: (row) => oneLine(row.route === '' ? '*' : row.route, 24) },
  { head: 'RULE', rank: 6, cell: (row) => oneLine(row.rule === '' ? '*' : row.rule, 24) },
  { head: 'TARGET', rank: 3, cell: (row) => oneLine(row.target === '' ? '*' : row.target, 16) },
  { head: 'SEVERITY', rank: 4, cell: (row) => oneLine(row.severity === '' ? '*' : row.severity, 10) },
  { head: 'BY', rank: 2, cell: (row) => oneLine(row.created_by, 16) },
  { head: 'WHY', isText: true, cell: (row) => oneLine(row.comment, 80) },
]
