import type { Command } from 'commander'

import type { ReloadResult } from '../../admin/api.ts'
import type { Cli } from '../cli.ts'
import { connect } from '../client.ts'
import { oneLine } from '../terminal-text.ts'

interface ReloadOptions {
  readonly dryRun?: boolean
  readonly reason?: string
}

export function addReload(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('reload')
    .summary('let the running daemon read its configuration again, and show what changes')
    .option('--dry-run', 'only say what would change')
    .option('--reason <text>', 'why, for the audit log')
    .addHelpText(
      'before',
      'Examples:\n  ringback reload --dry-run\n  ringback reload --reason "new handler for ivr"\n',
    )
    .action(async (options: ReloadOptions, command: Command) => {
      const cli = cliFor(command)
      const body = {
        dry_run: options.dryRun === true,
        ...(options.reason === undefined ? {} : { reason: options.reason }),
      }
      const result = await connect(cli).post<ReloadResult>('/api/v1/reload', body)
      if (cli.options.json === true) cli.printJson(result)
      else show(cli, result)
    })
}

function show(cli: Cli, { dry_run: isDryRun, changes, warnings }: ReloadResult): void {
  for (const warning of warnings) cli.tell(`warning: ${oneLine(warning)}`)
  for (const { field, text, needs_restart: needsRestart } of changes) {
    const late = needsRestart ? cli.paint('yellow', ' (takes effect after a restart)') : ''
    cli.print(`${oneLine(field, 120)} ${oneLine(text, 300)}${late}`)
  }
  if (changes.length === 0) cli.tell('The file says what is in force already.')
  else if (isDryRun) cli.tell('Nothing was changed. Take it over with: ringback reload')
  else if (changes.every((change) => change.needs_restart)) cli.tell('All of it waits for a restart.')
  else cli.tell('Taken over.')
}
