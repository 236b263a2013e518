import { readFileSync } from 'node:fs'

import type { Command } from 'commander'

import type { BacktestIncident, BacktestReport } from '../../backtest/report.ts'
import { loadConfig } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'
import { parseDuration } from '../../config/units.ts'
import { withSettings } from '../../config/with-settings.ts'
import { RingbackError } from '../../errors.ts'
import type { Cli } from '../cli.ts'
import { configPath, readConfiguration, withDotEnv } from '../configuration.ts'
import { type Column, table } from '../table.ts'
import { oneLine } from '../terminal-text.ts'
import { plural, spanText, timeText } from '../words.ts'

/** Runs the engine over a ledger; it loads the engine, so only the process's own edge can build it. */
export type Backtest = (
  config: Config,
  span: { readonly from: number; readonly to: number; readonly onProgress: (share: number) => void },
) => Promise<BacktestReport>

interface BacktestOptions {
  readonly since: string
  readonly until?: string
  readonly set: readonly string[]
}

export function addBacktest(program: Command, cliFor: (command: Command) => Cli, backtest: Backtest): void {
  program
    .command('backtest')
    .summary('what the alert rules would have told over the past, also with other thresholds')
    .option('--since <time>', 'from then on: 30d (ago), or 2026-11-23T14:02', '30d')
    .option('--until <time>', 'before then')
    .option('--set <key=value>', 'with this setting changed; may be repeated', collect, [])
    .addHelpText(
      'before',
      'Examples:\n  ringback backtest --since 30d\n' +
        '  ringback backtest --since 7d --set alerts.consecutive_failures=5\n' +
        '  ringback backtest --set alerts.rules.failure_rate.above=0.1 --json | jq .\n',
    )
    .addHelpText(
      'after',
      '\nRuns the real engine with a clock of its own over the ledger that the configuration names. It only reads, also\n' +
        'beside a running daemon, and tells nobody. Silences, the expiry of certificates and the health of the ledger are\n' +
        'not in what the ledger keeps.',
    )
    .action(async (options: BacktestOptions, command: Command) => {
      await run(cliFor(command), options, backtest)
    })
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

async function run(cli: Cli, options: BacktestOptions, backtest: Backtest): Promise<void> {
  const now = cli.clock.wall()
  const from = momentOf(options.since, '--since', now)
  const to = options.until === undefined ? now : momentOf(options.until, '--until', now)
  if (from >= to) throw new RingbackError('usage', '--since: must be before --until.')
  const changed = options.set.length === 0 ? undefined : changedConfig(cli, options.set)
  const over = async (config: Config, what: string): Promise<BacktestReport> => {
    const onProgress = (share: number): void => cli.progress(`${what}: ${Math.round(share * 100)} %`)
    const report = await backtest(config, { from, to, onProgress })
    cli.progress('')
    return report
  }
  const configured = await over(readConfiguration(cli).config, 'as configured')
  const other = changed === undefined ? undefined : await over(changed, 'changed')
  if (cli.options.json === true) cli.printJson({ configured, changed: other ?? null })
  else show(cli, configured, other)
}

function changedConfig(cli: Cli, changes: readonly string[]): Config {
  const path = configPath(cli)
  if (path === undefined) throw new RingbackError('usage', '--set: needs a configuration file to change.')
  const text = withSettings(readFileSync(path, 'utf8'), changes)
  return loadConfig({ path: '--set', text, env: withDotEnv(cli.env, path) }).config
}

function momentOf(text: string, option: string, now: number): number {
  const ago = parseDuration(text)
  const at = ago === undefined ? Date.parse(/[Zz]|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`) : now - ago
  if (Number.isFinite(at)) return at
  throw new RingbackError(
    'usage',
    `${option}: must be a duration such as 30d or a time such as 2026-11-23T14:02.`,
  )
}

function show(cli: Cli, configured: BacktestReport, changed: BacktestReport | undefined): void {
  const shown = changed ?? configured
  const { incidents } = shown
  if (incidents.length > 0) cli.print(table(columnsOf(shown.to), incidents, cli))
  cli.tell(
    `From ${timeText(shown.from)} to ${timeText(shown.to)} UTC, ${plural(shown.callbacks, 'callback')}:`,
  )
  if (shown.skipped > 0) {
    cli.tell(
      `  ${plural(shown.skipped, 'callback')} of routes that are not configured any more were left out`,
    )
  }
  cli.tell(oneLine(`  as configured  ${totals(configured)}`))
  if (changed !== undefined) cli.tell(oneLine(`  changed        ${totals(changed)}`))
  cli.tell(`  really fired   ${plural(configured.really_fired, 'incident')}`)
}

function totals({ incidents, messages }: BacktestReport): string {
  const rules = Object.entries(Object.groupBy(incidents, ({ rule }) => rule))
  const byRule = rules.map(([rule, of = []]) => `${rule} ${of.length}`).join(', ')
  const told = Object.entries(messages).map(([channel, count]) => `${channel} ${count}`)
  return [
    plural(incidents.length, 'incident') + (byRule === '' ? '' : ` (${byRule})`),
    ...(told.length === 0 ? [] : [`messages: ${told.join(', ')}`]),
  ].join('; ')
}

function columnsOf(end: number): readonly Column<BacktestIncident>[] {
  return [
    { head: 'FIRED (UTC)', cell: (row) => timeText(row.fired_at).slice(0, 19) },
    { head: 'AFTER', rank: 5, isRight: true, cell: (row) => spanText(row.fired_after_ms) },
    {
      head: 'LASTED',
      rank: 4,
      isRight: true,
      cell: (row) =>
        row.closed_at === null ? `${spanText(end - row.fired_at)}+` : spanText(row.lasted_ms ?? 0),
    },
    { head: 'RULE', rank: 1, cell: (row) => row.rule },
    {
      head: 'ROUTE',
      rank: 2,
      cell: (row) => oneLine(row.places > 1 ? `${row.route} +${row.places - 1}` : row.route, 28),
    },
    { head: 'HURT', rank: 3, isRight: true, cell: (row) => String(row.callbacks) },
    { head: 'WHAT', isText: true, cell: (row) => oneLine(row.reason, 100) },
  ]
}
