import type { Command } from 'commander'

import type { DeadLetter, MovedLetters } from '../../admin/api.ts'
import { RingbackError } from '../../errors.ts'
import type { Cli } from '../cli.ts'
import { connect } from '../client.ts'
import { type Column, table } from '../table.ts'
import { oneLine } from '../terminal-text.ts'
import { plural, spanText, timeText } from '../words.ts'

/** `ringback list --dead` */
export async function listDead(
  cli: Cli,
  query: { readonly route?: string | undefined; readonly limit: number },
): Promise<void> {
  const { rows } = await connect(cli).get<{ readonly rows: readonly DeadLetter[] }>(
    '/api/v1/dead-letters',
    query,
  )
  if (cli.options.json === true) {
    for (const row of rows) cli.printJson(row)
  } else if (rows.length === 0) {
    cli.tell('There is no dead letter.')
  } else {
    cli.print(table(columns(cli.clock.wall()), rows, cli))
    cli.tell('ringback requeue lets them wait again, ringback discard gives them up for good.')
  }
}

interface MoveOptions {
  readonly route?: string
  readonly all?: boolean
  readonly reason?: string
}

/** `ringback requeue` and `ringback discard` */
export function addDead(program: Command, cliFor: (command: Command) => Cli): void {
  addMove(program, cliFor, {
    name: 'requeue',
    summary: 'let dead letters wait for their handlers again',
    done: (count) => `${plural(count, 'callback')} will be tried again, from now on.`,
  })
  addMove(program, cliFor, {
    name: 'discard',
    summary: 'give dead letters up for good; their rows stay',
    done: (count) => `The bytes of ${plural(count, 'callback')} are deleted.`,
  })
}

function addMove(
  program: Command,
  cliFor: (command: Command) => Cli,
  move: { readonly name: string; readonly summary: string; readonly done: (count: number) => string },
): void {
  program
    .command(move.name)
    .summary(move.summary)
    .argument('[ids...]', 'ids of dead letters')
    .option('--route <id>', 'all of this route')
    .option('--all', 'all there are')
    .option('--reason <text>', 'kept with each callback')
    .addHelpText(
      'before',
      `Examples:\n  ringback ${move.name} ID ID --reason "handler mended"\n  ringback ${move.name} --route ivr\n`,
    )
    .action(async (ids: string[], options: MoveOptions, command: Command) => {
      const cli = cliFor(command)
      const ways = [ids.length > 0, options.route !== undefined, options.all === true].filter(Boolean)
      if (ways.length !== 1) throw new RingbackError('usage', 'Say which: ids, or --route, or --all.')
      const body = { ...options, ...(ids.length === 0 ? {} : { ids }) }
      const moved = await connect(cli).post<MovedLetters>(`/api/v1/dead-letters/${move.name}`, body)
      if (cli.options.json === true) cli.printJson(moved)
      else cli.tell(move.done(moved.ids.length))
      const missing = ids.filter((id) => !moved.ids.includes(id))
      if (missing.length > 0) {
        throw new RingbackError(
          'not_found',
          `No dead letter: ${missing.map((id) => oneLine(id, 64)).join(', ')}.`,
        )
      }
    })
}

function columns(now: number): readonly Column<DeadLetter>[] {
  return [
    { head: 'ARRIVED (UTC)', rank: 5, cell: (row) => timeText(row.received_at) },
    { head: 'DEAD FOR', rank: 4, isRight: true, cell: (row) => spanText(now - row.dead_at) },
    { head: 'ID', cell: (row) => oneLine(row.id, 26) },
    { head: 'ROUTE', rank: 3, cell: (row) => oneLine(row.route, 24) },
    { head: 'EVENT', rank: 2, cell: (row) => oneLine(row.event, 24) },
    { head: 'CALL', rank: 6, cell: (row) => oneLine(row.call_id, 36) },
    { head: 'TRIES', rank: 7, isRight: true, cell: (row) => String(row.attempts) },
    { head: 'REASON', rank: 1, cell: (row) => oneLine(row.reason, 20) },
  ]
}
