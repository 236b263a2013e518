import { readFileSync } from 'node:fs'

import { type Command, Option } from 'commander'

import { eventNames, longEventName } from '../../callback/event.ts'
import { nearest } from '../../config/suggestion.ts'
import { RingbackError } from '../../errors.ts'
import { newCallId, sampleBody } from '../../sample/body.ts'
import type { Dialled } from '../../sample/dial.ts'
import { flowNames } from '../../sample/flows.ts'
import type { FlowDestination } from '../../sample/play-flow.ts'
import { sampleFor, signedHeaders } from '../../sample/signed-request.ts'
import type { Cli } from '../cli.ts'
import { dialOrSay } from '../dial-or-say.ts'
import { findDestination, type SendOptions } from './send-destination.ts'
import { sendFlow } from './send-flow.ts'
import { manyLines, oneLine } from '../terminal-text.ts'
import { msText } from '../words.ts'

const STALE_SECONDS = 600
const MOST = 100_000

export function addSend(program: Command, cliFor: (command: Command) => Cli): void {
  program
    .command('send')
    .summary('send a signed test callback and show what came back')
    .argument(
      '[event]',
      'event, long or short: call.completed, answered, Hangup, StartApp …',
      'call.completed',
    )
    .option('--account <id>', 'account; the first one of the configuration by default')
    .option('--application <id>', 'to the URL of this application')
    .option('--trunk <id>', 'to the URL of this trunk')
    .option('--route <id>', 'to the path of this route')
    .option('--to <url>', 'to this URL instead of the daemon on this machine')
    .option('--signed-url <url>', 'the URL that is signed, when it is not the one that is dialled')
    .addOption(
      new Option('--dialect <name>', 'how it is signed; by the keys of the account when absent').choices([
        'timestamp',
        'v2',
        'v3',
        'ma-v2',
        'ma-v3',
        'trunk',
        'ndnc',
        'kyc',
        'whatsapp',
      ]),
    )
    .option('--key-env <name>', 'sign with the key in this variable instead of the configuration')
    .option('--parent-key-env <name>', 'the key of the parent account, for the MA signatures of a flow')
    .addOption(
      new Option('--flow <name>', 'play a whole call instead of one callback, as the provider would').choices(
        flowNames,
      ),
    )
    .option('--backoff <ms>', 'first wait of a flow before it tries again; doubled each time', '1000')
    .option('--set <field=value>', 'set a field of the body; can be repeated', collect, {})
    .option('--call <id>', 'call id; a new one for each callback by default')
    .option('--file <path>', 'send the bytes of this file as the body')
    .option('--count <number>', 'send so many, one after the other', '1')
    .option('--bad-signature', 'sign with a wrong key')
    .option('--stale', 'sign for ten minutes ago (dialect timestamp)')
    .addHelpText(
      'before',
      'Examples:\n  ringback send\n  ringback send answered --application app-12345\n' +
        '  ringback send Hangup --dialect v3 --set CallUUID=abc --count 3\n  ringback send --bad-signature\n' +
        '  ringback send --flow inbound-ivr --route ivr\n' +
        '  ringback send --flow retries --to http://localhost:3000/hooks --key-env VOBIZ_AUTH_TOKEN\n',
    )
    .action(async (event: string, options: SendOptions, command: Command) => {
      const cli = cliFor(command)
      await (options.flow === undefined ? send(cli, event, options) : sendFlow(cli, options))
    })
}

async function send(cli: Cli, eventName: string, options: SendOptions): Promise<void> {
  const event = knownEvent(eventName)
  const count = Number(options.count)
  if (!Number.isInteger(count) || count < 1 || count > MOST) {
    throw new RingbackError('usage', `--count: must be a whole number from 1 to ${MOST}.`)
  }
  const destination = findDestination(cli, options)
  if (options.stale === true && destination.dialect !== 'timestamp') {
    throw new RingbackError(
      'usage',
      '--stale: only the dialect timestamp carries a time; add --dialect timestamp.',
    )
  }
  let failed = 0
  for (let n = 0; n < count && !cli.signal.aborted; n++) {
    const callId = options.call ?? options.set['call_id'] ?? options.set['CallUUID'] ?? newCallId()
    const reply = await sendOne(cli, destination, { ...options, event, callId })
    show(cli, { event, callId, destination, reply })
    if (reply.status !== 200) failed++
  }
  if (failed > 0) {
    throw new RingbackError('handler_failed', `${failed} of ${count} were not answered with 200.`)
  }
}

interface OneCallback extends SendOptions {
  readonly event: string
  readonly callId: string
}

async function sendOne(cli: Cli, destination: FlowDestination, callback: OneCallback): Promise<Dialled> {
  const { dialect, secret, signedUrl, dialUrl } = destination
  const about = { ...callback, account: destination.account }
  const sample = sampleFor(dialect, about)
  const body = callback.file === undefined ? sampleBody(sample, callback.set) : readBody(callback.file)
  const age = callback.stale === true ? STALE_SECONDS : 0
  const headers = signedHeaders({
    dialect,
    secret: callback.badSignature === true ? `wrong-${secret}` : secret,
    signedUrl,
    body,
    contentType: sample.contentType,
    nowSeconds: Math.floor(cli.clock.wall() / 1000) - age,
  })
  return dialOrSay(cli, dialUrl, { headers, body, host: signedUrl.host })
}

function show(
  cli: Cli,
  sent: {
    readonly event: string
    readonly callId: string
    readonly destination: FlowDestination
    readonly reply: Dialled
  },
): void {
  const { event, callId, destination, reply } = sent
  if (cli.options.json === true) {
    cli.printJson({
      event,
      call_id: callId,
      url: destination.dialUrl.href,
      dialect: destination.dialect,
      status: reply.status,
      ms: Math.round(reply.ms * 10) / 10,
      content_type: reply.contentType,
      body: reply.body,
    })
    return
  }
  cli.tell(
    oneLine(`POST ${destination.dialUrl.href}  ${event}, signed as ${destination.dialect}, call ${callId}`),
  )
  const status = cli.paint(reply.status === 200 ? 'green' : 'red', String(reply.status))
  cli.print(`${status} after ${msText(reply.ms)}  ${oneLine(reply.contentType, 80)}`)
  if (reply.body.trim() !== '') cli.print(manyLines(reply.body.trimEnd()))
}

function knownEvent(name: string): string {
  const long = longEventName(name)
  if (long !== undefined) return long
  const near = nearest(name, eventNames)
  throw new RingbackError(
    'usage',
    `${oneLine(name, 64)} is not a known event.${near === undefined ? '' : ` Did you mean ${near}?`}\nKnown: ${eventNames.slice(0, -2).join(', ')}`,
  )
}

function collect(pair: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = pair.indexOf('=')
  if (at < 1) throw new RingbackError('usage', `--set: ${oneLine(pair, 64)} is not FIELD=VALUE.`)
  return { ...before, [pair.slice(0, at)]: pair.slice(at + 1) }
}

function readBody(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new RingbackError('usage', `--file: cannot read ${path}.`, { cause })
  }
}
