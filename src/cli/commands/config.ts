import type { Command } from 'commander'

import type { ConfigurationView, SettingView } from '../../admin/api.ts'
import { RingbackError } from '../../errors.ts'
import type { Cli } from '../cli.ts'
import { connect } from '../client.ts'
import { type Column, table } from '../table.ts'
import { oneLine } from '../terminal-text.ts'

export function addConfig(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('config')
    .summary('show the settings of the running daemon, and where each came from')
    .argument('[part]', 'only settings that begin with it, such as defaults or accounts.MA_TEST123')
    .option('--set', 'only what the file sets, without defaults')
    .addHelpText(
      'before',
      'Examples:\n  ringback config\n  ringback config defaults\n  ringback config --set --json\n',
    )
    .action(async (part: string | undefined, options: { readonly set?: boolean }, command: Command) => {
      const cli = cliFor(command)
      const view = await connect(cli).get<ConfigurationView>('/api/v1/configuration')
      const rows = view.rows
        .filter(({ path }) => part === undefined || path === part || path.startsWith(`${part}.`))
        .filter(({ origin }) => options.set !== true || origin !== 'default')
      if (rows.length === 0) {
        throw new RingbackError(
          'not_found',
          `No setting begins with ${oneLine(part ?? '', 64)}; ringback config lists them.`,
        )
      }
      if (cli.options.json === true) {
        for (const row of rows) cli.printJson(row)
        return
      }
      cli.print(table(columns(view.source), rows, cli))
      if (view.problem !== '') cli.tell(`The last reload was not taken over: ${oneLine(view.problem)}`)
    })
}

function columns(source: string): readonly Column<SettingView>[] {
  return [
    { head: 'SETTING', cell: (row) => oneLine(row.path, 80) },
    {
      head: 'VALUE',
      isText: true,
      cell: (row) => oneLine(valueText(row), 80),
      color: ({ origin, is_set }) => (!is_set || origin === 'default' ? 'dim' : 'none'),
    },
    { head: 'FROM', rank: 1, cell: (row) => oneLine(originText(row, source), 80) },
  ]
}

function valueText({ value, secret_from: from, is_set: isSet }: SettingView): string {
  if (!isSet) return 'not set'
  if (from.length > 0) return `(secret) ${from.join(', ')}`
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value)
}

function originText(row: SettingView, file: string): string {
  const { origin, line, inherited_from: source, waits_for_restart: waits } = row
  const place =
    origin === 'file' ? `${file}:${line ?? 1}` : origin === 'trial' ? 'trial configuration' : 'default'
  if (waits) return `the start; ${place} waits for a restart`
  return source === '' ? place : `${source} (${place})`
}
