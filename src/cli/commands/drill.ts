import { setTimeout as sleep } from 'node:timers/promises'

import type { Command } from 'commander'

import type { DrillChannelView, DrillView } from '../../admin/alert-api.ts'
import { RingbackError } from '../../errors.ts'
import type { Cli } from '../cli.ts'
import { connect } from '../client.ts'
import { type Column, table } from '../table.ts'
import { oneLine } from '../terminal-text.ts'
import { msText } from '../words.ts'
import { userName } from './user-name.ts'

const POLL_MS = 300

export function addDrill(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('drill')
    .summary('prove that an alert, and its end, reaches every channel')
    .option('--by <name>', 'who you are', userName())
    .addHelpText('before', 'Examples:\n  ringback drill\n  ringback drill --json\n')
    .addHelpText(
      'after',
      '\nSends failing callbacks through the public port to a handler that fails on purpose, and waits until every\n' +
        'channel has accepted the alert and its end. Everything about it is marked as a drill. By the clock: alerts.drill.',
    )
    .action(async (options: { readonly by: string }, command: Command) => {
      const cli = cliFor(command)
      const report = await follow(cli, options.by)
      if (cli.options.json === true) cli.printJson(report)
      else cli.print(table(columnsOf(report), report.channels, cli))
      if (report.state !== 'passed') {
        throw new RingbackError('check_failed', `The drill failed: ${oneLine(report.problem, 400)}.`)
      }
      cli.tell('The drill passed: every channel accepted the alert and its end.')
    })
}

/** Until it is over; Ctrl-C only stops watching, because the alert that went out has to be resolved. */
async function follow(cli: Cli, by: string): Promise<DrillView> {
  const client = connect(cli)
  let view = await client.post<DrillView>('/api/v1/drills', { by })
  while (view.ended_at === null) {
    cli.progress(progressText(view))
    await sleep(POLL_MS, undefined, { signal: cli.signal }).catch(() => undefined)
    if (cli.signal.aborted) {
      throw new RingbackError('check_failed', `Drill ${view.id} goes on without a watcher.`)
    }
    view = await client.get<DrillView>(`/api/v1/drills/${view.id}`)
  }
  cli.progress('')
  return view
}

function progressText({ state, channels }: DrillView): string {
  const done = channels.filter(({ fired_at, resolved_at }) =>
    state === 'firing' ? fired_at !== null : resolved_at !== null,
  )
  const what = state === 'firing' ? 'the alert' : 'its end'
  return `${done.length} of ${channels.length} channels accepted ${what}`
}

function columnsOf({ failed_at, mended_at }: DrillView): readonly Column<DrillChannelView>[] {
  return [
    { head: 'CHANNEL', cell: (row) => oneLine(row.channel) },
    {
      head: 'ALERT',
      cell: (row) => afterText(row.fired_at, failed_at),
      color: (row) => colorOf(row.fired_at),
    },
    {
      head: 'END',
      cell: (row) => afterText(row.resolved_at, mended_at),
      color: (row) => colorOf(row.resolved_at),
    },
    { head: 'PROBLEM', isText: true, cell: (row) => oneLine(row.problem, 100) },
  ]
}

function colorOf(at: number | null): 'red' | 'green' {
  return at === null ? 'red' : 'green'
}

function afterText(at: number | null, from: number | null): string {
  return at === null || from === null ? 'not accepted' : `after ${msText(Math.max(0, at - from))}`
}
