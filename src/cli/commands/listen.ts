import type { Command } from 'commander'

import type { CallbackEvent } from '../../admin/api.ts'
import { messageOf, RingbackError } from '../../errors.ts'
import type { CallbackDetail } from '../../ledger/rows.ts'
import { dial } from '../../sample/dial.ts'
import type { Cli } from '../cli.ts'
import { type AdminClient, connect } from '../client.ts'
import type { ServerEvent } from '../event-source.ts'
import { followStream } from '../follow-stream.ts'
import { oneLine } from '../terminal-text.ts'
import { msText } from '../words.ts'

interface ListenOptions {
  readonly route: string
  readonly to: string
}

/** What is passed on of the headers: not what was for Ringback, nor signatures, which the ledger masks. */
const passedOn: ReadonlySet<string> = new Set(['content-type', 'user-agent'])

export function addListen(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('listen')
    .summary('repeat the callbacks of a route to a handler on this machine, as they happen')
    .requiredOption('--route <id>', 'route that is followed')
    .requiredOption('--to <url>', 'handler that gets a copy')
    .addHelpText(
      'before',
      'Examples:\n  ringback listen --route ivr --to http://localhost:3000/hooks\n' +
        '  ringback listen --url http://ringback.internal:8081 --route app-12345 --to http://localhost:3000/\n\n' +
        'The provider has its answer from the real handler; what the copy answers is shown and thrown away.\n' +
        'Copies carry no signatures. With ledger: { bodies: redacted } numbers and texts are masked in them.\n',
    )
    .action(async (options: ListenOptions, command: Command) => {
      await listen(cliFor(command), options)
    })
}

async function listen(cli: Cli, { route, to }: ListenOptions): Promise<void> {
  const url = URL.parse(to)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new RingbackError('usage', `--to: ${oneLine(to, 200)} is not an http or https URL.`)
  }
  const client = connect(cli)
  // One after the other: a handler under a debugger is to see them in the order they came in.
  let last = Promise.resolve()
  await followStream(cli, { route, types: 'callback' }, ({ type, data }: ServerEvent) => {
    if (type !== 'callback') return
    // Safe: the daemon's stream is held to CallbackEvent by its own tests.
    const { id } = JSON.parse(data) as CallbackEvent
    last = last.then(() => repeat(cli, { client, url, id })).catch((error: unknown) => tell(cli, id, error))
  })
  await last
}

function tell(cli: Cli, id: string, error: unknown): void {
  if (cli.signal.aborted) return
  cli.tell(oneLine(`${id} could not be repeated: ${messageOf(error)}`))
}

async function repeat(
  cli: Cli,
  { client, url, id }: { readonly client: AdminClient; readonly url: URL; readonly id: string },
): Promise<void> {
  const callback = await client.get<CallbackDetail>(`/api/v1/callbacks/${id}`)
  const { request, event } = callback
  const body = request?.body ?? undefined
  if (request === null || body === undefined || request.is_truncated) {
    const why = body === undefined ? 'its body was not kept' : 'its body was kept in part'
    cli.tell(oneLine(`${id} ${event} is not repeated: ${why}; see ledger.bodies and ledger.body_limit.`))
    return
  }
  const reply = await dial(url, {
    headers: { ...headersOf(request.headers), 'x-ringback-delivery': id },
    body: new TextEncoder().encode(body),
    host: url.host,
    signal: cli.signal,
  })
  const { status, ms, contentType } = reply
  if (cli.options.json === true) {
    const masked = request.is_redacted
    cli.printJson({
      id,
      event,
      call_id: callback.call_id,
      status,
      ms: Math.round(ms),
      is_redacted: masked,
      body: reply.body,
    })
    return
  }
  const color = status === 200 ? 'green' : 'red'
  const note = request.is_redacted ? '  (masked)' : ''
  cli.print(
    `${cli.paint(color, String(status))} ${msText(ms).padStart(8)}  ${oneLine(`${event} ${callback.call_id} ${contentType}`, 120)}${note}`,
  )
}

function headersOf(headers: readonly string[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = (headers[i] ?? '').toLowerCase()
    if (passedOn.has(name)) found[name] = headers[i + 1] ?? ''
  }
  return found
}
