import { setTimeout as sleep } from 'node:timers/promises'

import type { Command } from 'commander'

import type { AttemptEvent, CallbackEvent, StreamEvent } from '../admin/api.ts'
import { RingbackError } from '../errors.ts'
import type { Cli } from './cli.ts'
import { type AdminClient, connect } from './client.ts'
import { readEvents, type ServerEvent } from './event-source.ts'
import { oneLine } from './terminal-text.ts'
import { msText, resultColor, timeText } from './words.ts'

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
/** Heartbeats come every 15 s; a stream that is silent for longer is dead, whatever the connection says. */
const SILENCE_MS = 40_000
const MOST_REMEMBERED = 5000

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
      await tail(cliFor(command), options)
    })
}

/** Follows until the signal; comes back after every loss, from where it was. */
async function tail(cli: Cli, options: TailOptions): Promise<void> {
  const client = connect(cli)
  const seen = createMemory()
  const hasEnded = () => cli.signal.aborted
  let lastId = ''
  let waitMs = FIRST_WAIT_MS
  let opened = 0
  const take = (event: ServerEvent | 'open') => {
    waitMs = FIRST_WAIT_MS
    if (event === 'open') {
      cli.tell(opened > 0 ? 'Connected again.' : `Following ${client.url}; Ctrl-C ends.`)
      opened++
      return
    }
    lastId = event.id
    if (!seen(event.id)) show(cli, event, options)
  }
  while (!hasEnded()) {
    try {
      for await (const event of follow(client, { cli, options, lastId })) take(event)
    } catch (error) {
      if (hasEnded()) return
      if (opened === 0 || isHopeless(error)) throw error
    }
    if (hasEnded()) return
    cli.tell(`The stream ended; trying again in ${waitMs / 1000} s.`)
    await sleep(waitMs, undefined, { signal: cli.signal }).catch(() => undefined)
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
  }
}

/** A lost connection comes back, a token that is refused does not. */
function isHopeless(error: unknown): boolean {
  return error instanceof RingbackError && error.code !== 'unreachable' && error.code !== 'ledger'
}

async function* follow(
  client: AdminClient,
  { cli, options, lastId }: { readonly cli: Cli; readonly options: TailOptions; readonly lastId: string },
): AsyncGenerator<ServerEvent | 'open'> {
  const query = new URLSearchParams()
  if (options.route !== undefined) query.set('route', options.route)
  if (options.call !== undefined) query.set('call_id', options.call)
  if (options.attempts === false) query.set('types', 'callback')
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), SILENCE_MS)
  try {
    const response = await client.open(
      `/api/v1/stream?${query.toString()}`,
      lastId === '' ? {} : { 'last-event-id': lastId },
      AbortSignal.any([cli.signal, silence.signal]),
    )
    yield 'open'
    if (response.body === null) return
    yield* readEvents(noticed(response.body.pipeThrough(new TextDecoderStream()), () => timer.refresh()))
  } finally {
    clearTimeout(timer)
  }
}

async function* noticed(chunks: AsyncIterable<string>, notice: () => void): AsyncGenerator<string> {
  for await (const chunk of chunks) {
    notice()
    yield chunk
  }
}

/** A resume overlaps a little; says of an id whether it was here before. Bounded: the oldest are forgotten. */
function createMemory(): (id: string) => boolean {
  const ids = new Set<string>()
  return (eventId) => {
    const id = eventId.replace(/^\d+-/, '') // told again, an event may carry another moment
    if (ids.has(id)) return true
    ids.add(id)
    const [oldest] = ids
    if (ids.size > MOST_REMEMBERED && oldest !== undefined) ids.delete(oldest)
    return false
  }
}

function show(cli: Cli, { type, data }: ServerEvent, { failed }: TailOptions): void {
  const event = parseEvent(type, data)
  if (event === undefined || (failed === true && !isBad(event))) return
  if (cli.options.json === true) cli.printJson({ type: event.type, ...event.data })
  else if (event.type === 'attempt') cli.print(attemptLine(event.data, cli))
  else if (event.type === 'callback') cli.print(callbackLine(event.data, cli))
  else
    cli.tell(
      `Some events are left out${event.data.dropped === null ? '' : ` (${event.data.dropped})`}; ringback list has them.`,
    )
}

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
