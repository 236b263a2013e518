import type { Command } from 'commander'

import type { RouteList, RouteReport, StatusView } from '../../admin/api.ts'
import type { Cli } from '../cli.ts'
import { connect } from '../client.ts'
import { type Column, table } from '../table.ts'
import { oneLine } from '../terminal-text.ts'
import { agoText, msText, plural, sizeText, spanText } from '../words.ts'
import { hanging } from '../wrapping.ts'

export function addStatus(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('status')
    .summary('show how the daemon and its routes are')
    .option('--window <duration>', 'how far the numbers of routes reach back', '24h')
    .addHelpText('before', 'Examples:\n  ringback status\n  ringback status --window 1h --json\n')
    .action(async (options: { readonly window: string }, command: Command) => {
      const cli = cliFor(command)
      const client = connect(cli)
      const [status, routes] = await Promise.all([
        client.get<StatusView>('/api/v1/status'),
        client.get<RouteList>('/api/v1/routes', { window: options.window }),
      ])
      if (cli.options.json === true) cli.printJson({ ...status, route_reports: routes.rows })
      else cli.print(statusText(status, routes, cli))
    })
}

function statusText(status: StatusView, routes: RouteList, cli: Cli): string {
  const { paint } = cli
  const now = cli.clock.wall()
  const fact = (name: string, text: string) => hanging(`  ${name.padEnd(11)}`, oneLine(text), cli.width)
  const head = status.is_ready
    ? paint('green', 'ready')
    : `${paint('red', 'not ready')}: ${oneLine(status.reasons.join('; '))}`
  return [
    `Ringback ${oneLine(status.version)} is ${head}, up ${spanText(now - status.started_at)}`,
    fact('public', `${status.public_url ?? '–'} (listens on ${status.listen})`),
    fact('config', `${status.config.source}, read ${agoText(status.config.loaded_at, now)}`),
    ...(status.config.problem === '' ? [] : [paint('red', fact('', status.config.problem))]),
    fact(
      'ledger',
      `${plural(status.ledger.callbacks, 'callback')}, ${sizeText(status.ledger.bytes)}, ${status.ledger.store}`,
    ),
    ...(status.ledger.is_writable ? [] : [paint('red', fact('', `not writable: ${status.ledger.problem}`))]),
    ...(status.workers === null ? [] : [fact('workers', workersText(status.workers))]),
    `  rescue     ${status.rescue.waiting} waiting, ${status.rescue.dead} dead`,
    `  alerts     ${status.alerts_firing === 0 ? 'none fires' : paint('red', plural(status.alerts_firing, 'alert'))}`,
    '',
    ...(routes.rows.length === 0
      ? ['No route yet. Write a configuration with: ringback init']
      : [table(columns(now), worstFirst(routes.rows), cli)]),
    ...hints(status),
  ].join('\n')
}

function workersText({ wanted, serving, lost }: NonNullable<StatusView['workers']>): string {
  return `${serving} of ${wanted} serve${lost === 0 ? '' : `, ${lost} lost and replaced since the start`}`
}

function worstFirst(rows: readonly RouteReport[]): readonly RouteReport[] {
  return rows.toSorted((a, b) => failedShare(b) - failedShare(a))
}

function failedShare({ summary }: RouteReport): number {
  return summary === null || summary.callbacks === 0 ? 0 : summary.failed / summary.callbacks
}

function failures(route: RouteReport): number {
  return Math.max(0, ...route.targets.map((target) => target.failures))
}

function columns(now: number): readonly Column<RouteReport>[] {
  return [
    { head: 'ROUTE', cell: (row) => oneLine(row.id, 32) },
    { head: 'CALLBACKS', rank: 2, isRight: true, cell: (row) => String(row.summary?.callbacks ?? 0) },
    {
      head: 'FAILED',
      rank: 1,
      isRight: true,
      cell: (row) => String(row.summary?.failed ?? 0),
      color: (row) => (failedShare(row) > 0 ? 'red' : 'none'),
    },
    {
      head: 'IN A ROW',
      rank: 5,
      isRight: true,
      cell: (row) => String(failures(row)),
      color: (row) => (failures(row) > 0 ? 'yellow' : 'none'),
    },
    { head: 'P50', rank: 6, isRight: true, cell: (row) => msText(row.summary?.p50_ms ?? null) },
    { head: 'P99', rank: 4, isRight: true, cell: (row) => msText(row.summary?.p99_ms ?? null) },
    { head: 'LAST SUCCESS', rank: 3, cell: (row) => agoText(row.summary?.last_success_at ?? null, now) },
  ]
}

function hints(status: StatusView): readonly string[] {
  if (status.alerts_firing > 0) return ['', 'See what is wrong: ringback alerts, ringback list --failed']
  if (status.ledger.callbacks === 0) return ['', 'Nothing came yet. Try it: ringback send']
  return []
}
