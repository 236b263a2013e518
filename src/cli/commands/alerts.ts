import type { Command } from 'commander'

import type { IncidentRow } from '../../admin/api.ts'
import { addAlertHandling } from './alert-handling.ts'
import type { Cli } from '../cli.ts'
import { connect } from '../client.ts'
import { type Column, table } from '../table.ts'
import { oneLine } from '../terminal-text.ts'
import { spanText, timeText } from '../words.ts'

export function addAlerts(program: Command, cliFor: (command: Command) => Cli): void {
  const alerts = program
    .command('alerts')
    .summary('list the alerts that fire now')
    .option('--all', 'also the incidents that are over')
    .addHelpText(
      'before',
      'Examples:\n  ringback alerts\n  ringback alerts --all --json\n' +
        '  ringback alerts ack ID --comment "on it" --for 4h\n  ringback alerts test\n  ringback alerts explain ivr\n',
    )
    .action(async (options: { readonly all?: boolean }, command: Command) => {
      const cli = cliFor(command)
      const path = options.all === true ? '/api/v1/incidents' : '/api/v1/alerts'
      const { rows } = await connect(cli).get<{ readonly rows: readonly IncidentRow[] }>(path)
      if (cli.options.json === true) {
        for (const row of rows) cli.printJson(row)
      } else if (rows.length === 0) {
        cli.tell(options.all === true ? 'No incident is known.' : 'No alert fires.')
      } else {
        cli.print(table(columns(cli.clock.wall()), rows, cli))
      }
    })
  addAlertHandling(alerts, cliFor)
}

function columns(now: number): readonly Column<IncidentRow>[] {
  return [
    { head: 'ID', cell: (row) => row.id },
    {
      head: 'STATE',
      cell: (row) => stateOf(row, now),
      color: (row) => (row.closed_at === null ? 'red' : 'dim'),
    },
    { head: 'SINCE (UTC)', rank: 2, cell: (row) => timeText(row.since) },
    { head: 'LASTED', rank: 3, isRight: true, cell: (row) => spanText((row.closed_at ?? now) - row.since) },
    { head: 'ROUTE', rank: 1, cell: (row) => oneLine(row.route === '' ? '–' : row.route, 24) },
    { head: 'TARGET', rank: 5, cell: (row) => oneLine(row.target === '' ? '–' : row.target, 10) },
    { head: 'HURT', rank: 4, isRight: true, cell: (row) => String(row.callbacks) },
    { head: 'ACKED BY', rank: 6, cell: (row) => (isAcked(row, now) ? oneLine(row.acked_by, 16) : '–') },
    { head: 'WHAT', isText: true, cell: (row) => oneLine(row.reason, 120) },
  ]
}

function stateOf(row: IncidentRow, now: number): string {
  if (row.closed_at !== null) return 'over'
  return isAcked(row, now) ? 'acked' : 'firing'
}

function isAcked({ acked_until }: IncidentRow, now: number): boolean {
  return acked_until > now
}
