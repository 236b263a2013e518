import type { Command } from 'commander'

import type { AttemptRow, CallbackDetail, MessageRow } from '../../admin/api.ts'
import { RingbackError } from '../../errors.ts'
import type { Cli } from '../cli.ts'
import { connect } from '../client.ts'
import { manyLines, oneLine } from '../terminal-text.ts'
import { msText, plural, resultColor, sizeText, timeText, verdictText } from '../words.ts'
import { hanging } from '../wrapping.ts'

export function addShow(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('show')
    .summary('show one callback with its request and attempts')
    .argument('<id>', 'id of the callback, as `ringback list` prints it')
    .addHelpText(
      'before',
      'Examples:\n  ringback show 01KAJ5M3ZQ8XW2V7T4R6N9PBCD\n  ringback show 01KAJ5M3ZQ8XW2V7T4R6N9PBCD --json\n',
    )
    .action(async (id: string, _options: unknown, command: Command) => {
      const cli = cliFor(command)
      const callback = await connect(cli)
        .get<CallbackDetail>(`/api/v1/callbacks/${encodeURIComponent(id)}`)
        .catch((error: unknown) => {
          throw error instanceof RingbackError && error.code === 'usage' ? noCallbackId(id) : error
        })
      if (cli.options.json === true) cli.printJson(callback)
      else cli.print(detailText(callback, cli))
    })
}

/** What has not even the form of one is most likely the id of a call. */
function noCallbackId(typed: string): RingbackError {
  const id = oneLine(typed, 100)
  return new RingbackError(
    'usage',
    `${id} is not the id of a callback; for a call: ringback list --call ${id}`,
  )
}

function detailText(callback: CallbackDetail, { paint, width }: Cli): string {
  return [
    paint(resultColor(callback.result), oneLine(verdictText(callback))),
    '',
    ...facts(
      [
        ['id', callback.id],
        ['received', `${timeText(callback.received_at)} UTC from ${callback.peer}`],
        ['route', callback.route],
        ['account', callback.account],
        ['event', callback.raw_event === '' ? callback.event : `${callback.raw_event} (unknown)`],
        ['call', callback.call_id],
        ['kind', callback.kind],
        ['signature', callback.verdict],
        ['blame', callback.blame],
        ['repeats', callback.duplicate_of],
        ['trace', callback.traceparent],
      ],
      width,
    ),
    '',
    paint('bold', 'Request'),
    `  ${oneLine(`${callback.method} ${callback.path}`)}  ${sizeText(callback.body_bytes)}`,
    ...(callback.request === null ? [] : messageText(callback.request)),
    ...callback.attempt_rows.flatMap((attempt) => ['', ...attemptText(attempt, paint)]),
    ...(callback.attempt_rows.length === 0 ? ['', 'No attempt was made.'] : []),
  ].join('\n')
}

function facts(named: readonly (readonly [string, string])[], width: number): readonly string[] {
  return named.flatMap(([name, value]) =>
    value === '' ? [] : [hanging(`  ${name.padEnd(10)} `, oneLine(value), width)],
  )
}

function attemptText(attempt: AttemptRow, paint: Cli['paint']): readonly string[] {
  const status = attempt.status === 0 ? '' : ` (${attempt.status})`
  const head = `Attempt ${attempt.number}: ${attempt.outcome}${status} after ${msText(attempt.total_ms)}`
  return [
    paint(attempt.outcome === 'ok' ? 'green' : 'red', oneLine(head)),
    `  ${oneLine(`${attempt.target} ${attempt.url}`)}`,
    `  ${oneLine(`${timeText(attempt.started_at)} UTC, ${attempt.via}${attempt.resent ? ', sent twice: the kept connection was stale' : ''}`)}`,
    `  ${phasesText(attempt)}`,
    ...(attempt.error === '' ? [] : [`  ${oneLine(attempt.error)}`]),
    ...(attempt.reply === null ? [] : messageText(attempt.reply)),
  ]
}

/** `dns 1.0 ms, connect 2.0 ms, tls 3.0 ms, first byte 130 ms, total 143 ms`; phases that did not happen are left out. */
function phasesText(attempt: AttemptRow): string {
  const phases = [
    ['dns', attempt.dns_ms],
    ['connect', attempt.connect_ms],
    ['tls', attempt.tls_ms],
    ['first byte', attempt.first_byte_ms],
    ['total', attempt.total_ms],
  ] as const
  const told = phases.filter(([, ms]) => ms !== null).map(([name, ms]) => `${name} ${msText(ms)}`)
  return told.length === 0 ? 'no phase was reached' : told.join(', ')
}

function messageText(message: MessageRow): readonly string[] {
  const headers: string[] = []
  for (let at = 0; at + 1 < message.headers.length; at += 2) {
    headers.push(`    ${oneLine(`${message.headers[at] ?? ''}: ${message.headers[at + 1] ?? ''}`, 300)}`)
  }
  const notes = [
    ...(message.is_redacted ? ['secrets and numbers masked'] : []),
    ...(message.is_truncated ? [`cut; it has ${plural(message.body_bytes, 'byte')}`] : []),
  ]
  const body = message.body === null || message.body === '' ? [] : ['', ...indented(manyLines(message.body))]
  return [...headers, ...body, ...(notes.length === 0 ? [] : [`    (${notes.join('; ')})`])]
}

function indented(text: string): readonly string[] {
  return text.split('\n').map((line) => `    ${line}`)
}
