import type { Command } from 'commander'

import type { CallbackRow, Page } from '../../admin/api.ts'
import type { Cli } from '../cli.ts'
import { type AdminClient, connect, type Query } from '../client.ts'
import { countOption } from '../count-option.ts'
import { listDead } from './dead.ts'
import { type Column, table } from '../table.ts'
import { oneLine } from '../terminal-text.ts'
import { msText, resultColor, timeText } from '../words.ts'

const LARGEST_PAGE = 1000

interface ListOptions {
  readonly route?: string
  readonly event?: string
  readonly call?: string
  readonly result?: string
  readonly outcome?: string
  readonly dead?: boolean
  readonly failed?: boolean
  readonly since?: string
  readonly until?: string
  readonly limit: string
}

export function addList(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('list')
    .summary('list callbacks, newest first')
    .option('--route <id>', 'only of this route')
    .option('--event <name>', 'only this event, long or short')
    .option('--call <id>', 'only of this call')
    .option(
      '--result <result>',
      'only what became of them: delivered, rescued, delivered_late, dead, failed, …',
    )
    .option('--outcome <outcome>', 'only by outcome of the last attempt: http_5xx, timeout_response, …')
    .option('--dead', 'only dead letters, with their age and reason')
    .option('--failed', 'only what failed, was rescued, is dead or was rejected')
    .option('--since <time>', 'from then on: 2h (ago), or 2026-11-23T14:02')
    .option('--until <time>', 'before then')
    .option('--limit <count>', 'at most so many', '20')
    .addHelpText(
      'before',
      'Examples:\n  ringback list --failed --since 2h\n  ringback list --call CALL-ID\n  ringback list --route ivr --json | jq .\n',
    )
    .action(async (options: ListOptions, command: Command) => {
      await list(cliFor(command), options)
    })
}

async function list(cli: Cli, { limit: limitText, call, dead, ...filters }: ListOptions): Promise<void> {
  const limit = countOption('--limit', limitText)
  if (dead === true) {
    await listDead(cli, { route: filters.route, limit: Math.min(limit, LARGEST_PAGE) })
    return
  }
  const { rows, hasMore } = await read(connect(cli), { ...filters, call_id: call }, limit)
  if (cli.options.json === true) {
    for (const row of rows) cli.printJson(row)
    return
  }
  if (rows.length === 0) {
    cli.tell('No callback matches.')
    return
  }
  cli.print(table(columns, rows, cli))
  if (hasMore) cli.tell(`There are more; ask for them with --limit ${limit * 10} or narrow with --since.`)
}

async function read(client: AdminClient, filters: Query, limit: number) {
  const rows: CallbackRow[] = []
  let after: string | undefined
  do {
    const size = Math.min(limit - rows.length, LARGEST_PAGE)
    const page: Page<CallbackRow> = await client.get('/api/v1/callbacks', { ...filters, limit: size, after })
    rows.push(...page.rows)
    after = page.next ?? undefined
  } while (after !== undefined && rows.length < limit)
  return { rows, hasMore: after !== undefined }
}

const columns: readonly Column<CallbackRow>[] = [
  { head: 'TIME (UTC)', rank: 1, cell: (row) => timeText(row.received_at) },
  { head: 'ID', cell: (row) => oneLine(row.id, 26) },
  { head: 'ROUTE', rank: 5, cell: (row) => oneLine(row.route, 24) },
  { head: 'EVENT', rank: 2, cell: (row) => oneLine(row.raw_event === '' ? row.event : row.raw_event, 24) },
  { head: 'CALL', rank: 6, cell: (row) => oneLine(row.call_id, 36) },
  { head: 'RESULT', cell: (row) => oneLine(row.result, 16), color: (row) => resultColor(row.result) },
  { head: 'TRIES', rank: 8, isRight: true, cell: (row) => String(row.attempts) },
  {
    head: 'LAST',
    rank: 3,
    cell: (row) => oneLine(row.result === 'rejected' ? row.reason : row.last_outcome, 20),
  },
  {
    head: 'TOLD',
    rank: 4,
    isRight: true,
    cell: (row) => (row.answer_status === 0 ? '–' : String(row.answer_status)),
  },
  {
    head: 'AFTER',
    rank: 7,
    isRight: true,
    cell: (row) => (row.answer_status === 0 ? '–' : msText(row.answer_ms)),
  },
]
