import { type Command, Option } from 'commander'

import type { CallFinding, FindingName, ReconciliationView } from '../../admin/api.ts'
import { RingbackError } from '../../errors.ts'
import type { Cli } from '../cli.ts'
import { connect } from '../client.ts'
import { type Column, table } from '../table.ts'
import { oneLine } from '../terminal-text.ts'
import { agoText, plural, spanText, timeText } from '../words.ts'

interface ReconcileOptions {
  readonly now?: boolean
  readonly account?: string
  readonly finding?: string
}

const path = '/api/v1/reconciliation'
const words: Readonly<Record<FindingName, string>> = {
  no_callback: 'without any callback',
  no_end: 'without its end',
  step_missing: 'with a URL that was never asked here',
  answer_blamed: 'ended for an answer given with 200',
}
const findings = Object.keys(words)

export function addReconcile(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('reconcile')
    .summary('list calls that Vobiz has records of and that do not fit their callbacks')
    .option('--now', 'read the records now instead of showing the last reading')
    .option('--account <id>', 'only of this account')
    .addOption(new Option('--finding <name>', 'only calls with this finding').choices(findings))
    .addHelpText(
      'before',
      'Examples:\n  ringback reconcile\n  ringback reconcile --now --finding no_callback\n' +
        '  ringback reconcile --json | jq -r .call_id\n',
    )
    .action(async (options: ReconcileOptions, command: Command) => {
      await reconcile(cliFor(command), options)
    })
}

async function reconcile(cli: Cli, { now, account, finding }: ReconcileOptions): Promise<void> {
  const client = connect(cli)
  if (now === true) await client.post<ReconciliationView>(path)
  const view = await client.get<ReconciliationView>(path, { account, finding })
  if (!view.is_configured) {
    throw new RingbackError(
      'not_found',
      'Nothing is reconciled: write reconciliation: {} into the configuration, and auth_token at the account.',
    )
  }
  if (cli.options.json === true) {
    for (const each of view.findings) cli.printJson(each)
  } else {
    if (view.findings.length > 0) cli.print(table(columns, view.findings, cli))
    tellAccounts(cli, view, account)
  }
}

function tellAccounts(cli: Cli, { accounts }: ReconciliationView, only: string | undefined): void {
  const now = cli.clock.wall()
  for (const { account, calls, from, to, problem, succeeded_at, is_complete } of accounts) {
    if (only !== undefined && account !== only) continue
    const misfits = (Object.keys(words) as FindingName[]).filter((name) => calls[name] > 0)
    const all = Object.values(calls).reduce((sum, each) => sum + each, 0)
    const said = misfits.map((name) => `${calls[name]} ${words[name]}`)
    const found = misfits.length === 0 ? 'all of them fit' : said.join(', ')
    const span = `${plural(all, 'call')} that ended in the ${spanText(to - from)} before ${timeText(to)} UTC`
    const read = succeeded_at === null ? 'no records were read yet' : `${span}: ${found}`
    cli.tell(oneLine(`${account}: ${read}, read ${agoText(succeeded_at, now)}.`, 400))
    if (!is_complete) cli.tell(`${account}: there were more records than are read at once; shorten lookback.`)
    if (problem !== '') cli.tell(oneLine(`${account}: the last reading failed: ${problem}.`, 400))
  }
}

const columns: readonly Column<CallFinding>[] = [
  { head: 'STARTED (UTC)', rank: 1, cell: (row) => timeText(row.started_at) },
  { head: 'CALL', cell: (row) => oneLine(row.call_id, 36) },
  { head: 'ACCOUNT', rank: 2, cell: (row) => oneLine(row.account, 16) },
  { head: 'FINDING', cell: (row) => row.finding, color: () => 'yellow' },
  { head: 'WHY', isText: true, cell: (row) => oneLine(row.reason, 120) },
]
