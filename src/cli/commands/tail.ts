import type { Command } from 'commander'

import type { AttemptEvent, CallbackEvent, GapEvent, GapReason, StreamEvent } from '../../admin/api.ts'
import type { Cli } from '../cli.ts'
import type { ServerEvent } from '../event-source.ts'
import { followStream } from '../follow-stream.ts'
import { oneLine } from '../terminal-text.ts'
import { msText, plural, resultColor, timeText } from '../words.ts'

interface TailOptions {
  readonly route?: string
  readonly call?: string
  readonly failed?: boolean
  readonly attempts?: boolean
}

export function addTail(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('tail')
    .summary('follow callbacks and attempts as they happen')
    .option('--route <id>', 'only of this route')
    .option('--call <id>', 'only of this call')
    .option('--failed', 'only what did not go well')
    .option('--no-attempts', 'only callbacks, not each attempt')
    .addHelpText(
      'before',
      'Examples:\n  ringback tail\n  ringback tail --failed --route ivr\n  ringback tail --json --no-attempts\n',
    )
    .action(async (options: TailOptions, command: Command) => {
      const cli = cliFor(command)
      const { route, call: call_id } = options
      const query = { route, call_id, types: options.attempts === false ? 'callback' : undefined }
      await followStream(cli, query, (event) => show(cli, event, options))
    })
}

function show(cli: Cli, { type, data }: ServerEvent, { failed }: TailOptions): void {
  const event = parseEvent(type, data)
  if (event === undefined || (failed === true && !isBad(event))) return
  if (cli.options.json === true) cli.printJson({ type: event.type, ...event.data })
  else if (event.type === 'attempt') cli.print(attemptLine(event.data, cli))
  else if (event.type === 'callback') cli.print(callbackLine(event.data, cli))
  else cli.tell(gapText(event.data))
}

function gapText({ dropped, reason }: GapEvent): string {
  const lost =
    dropped === null ? 'Some events are' : `${plural(dropped, 'event')} ${dropped === 1 ? 'is' : 'are'}`
  return `${lost} left out here (${gapReasons[reason]}); ringback list has them.`
}

const gapReasons = {
  slow: 'they came faster than they were read',
  too_old: 'of more than an hour ago',
  too_many: 'more came meanwhile than is told again',
  unknown_id: 'the daemon does not know where this began',
} as const satisfies Record<GapReason, string>

/** Safe: the daemon's stream is held to StreamEvent by its own tests; a type that is not known is left out. */
function parseEvent(type: string, data: string): StreamEvent | undefined {
  if (type !== 'attempt' && type !== 'callback' && type !== 'gap') return undefined
  return { type, at: 0, data: JSON.parse(data) as unknown } as StreamEvent
}

function isBad(event: StreamEvent): boolean {
  switch (event.type) {
    case 'attempt':
      return event.data.outcome !== 'ok'
    case 'callback':
      return event.data.result !== 'delivered' && event.data.result !== 'filtered'
    case 'gap':
      return true
  }
}

function attemptLine(attempt: AttemptEvent, { paint }: Cli): string {
  const color = attempt.outcome === 'ok' ? 'green' : 'red'
  const status = attempt.status === 0 ? '' : ` ${attempt.status}`
  return [
    paint('dim', timeText(attempt.started_at)),
    `  try ${attempt.number}`,
    paint(color, oneLine(`${attempt.outcome}${status}`.padEnd(20), 40)),
    msText(attempt.total_ms).padStart(8),
    oneLine(
      `${attempt.route} ${attempt.event} ${attempt.call_id} → ${attempt.target} ${attempt.error}`.trimEnd(),
      200,
    ),
  ].join('  ')
}

function callbackLine(callback: CallbackEvent, { paint }: Cli): string {
  return [
    paint('dim', timeText(callback.received_at)),
    'callback',
    paint(resultColor(callback.result), oneLine(callback.result.padEnd(20), 40)),
    msText(callback.answer_ms).padStart(8),
    oneLine(`${callback.route} ${callback.event} ${callback.call_id} told ${callback.answer_status}`, 200),
    paint('dim', oneLine(callback.id, 26)),
  ].join('  ')
}
