import type { Command } from 'commander'

import type { AuditRow, Page } from '../../admin/api.ts'
import type { Cli } from '../cli.ts'
import { connect } from '../client.ts'
import { countOption } from '../count-option.ts'
import { type Column, table } from '../table.ts'
import { oneLine } from '../terminal-text.ts'
import { timeText } from '../words.ts'

interface AuditOptions {
  readonly since?: string
  readonly who?: string
  readonly limit: string
}

export function addAudit(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('audit')
    .summary('list the changes that were made over the admin port: who, what, why')
    .option('--since <time>', 'from then on: 2h (ago), or 2026-11-23T14:02')
    .option('--who <name>', 'only by this token')
    .option('--limit <count>', 'at most so many', '50')
    .addHelpText('before', 'Examples:\n  ringback audit\n  ringback audit --since 7d --who ops --json\n')
    .action(async ({ limit, ...filters }: AuditOptions, command: Command) => {
      const cli = cliFor(command)
      const query = { ...filters, limit: countOption('--limit', limit, 1000) }
      const { rows } = await connect(cli).get<Page<AuditRow>>('/api/v1/audit', query)
      if (cli.options.json === true) for (const row of rows) cli.printJson(row)
      else if (rows.length === 0) cli.tell('No change is known.')
      else cli.print(table(columns, rows, cli))
    })
}

const columns: readonly Column<AuditRow>[] = [
  { head: 'TIME (UTC)', cell: (row) => timeText(row.at) },
  { head: 'WHO', cell: (row) => oneLine(row.who, 24) },
  { head: 'ROLE', rank: 3, cell: (row) => oneLine(row.role, 16) },
  { head: 'WHAT', rank: 2, cell: (row) => oneLine(row.action, 80) },
  {
    head: 'ANSWER',
    rank: 1,
    isRight: true,
    cell: (row) => String(row.status),
    color: ({ status }) => (status < 400 ? 'none' : 'red'),
  },
  { head: 'WHY', isText: true, cell: (row) => oneLine(row.reason === '' ? '–' : row.reason, 120) },
]
