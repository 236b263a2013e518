import { RingbackError } from '../../errors.ts'
import { newCallId } from '../../sample/body.ts'
import type { Dialled } from '../../sample/dial.ts'
import type { FlowName, FlowStep } from '../../sample/flows.ts'
import { playFlow, stepsOf } from '../../sample/play-flow.ts'
import type { Cli } from '../cli.ts'
import { dialOrSay } from '../dial-or-say.ts'
import { findDestination, type SendOptions } from './send-destination.ts'
import { oneLine } from '../terminal-text.ts'
import { msText } from '../words.ts'

/** Plays a whole call as the provider would. */
export async function sendFlow(cli: Cli, options: SendOptions): Promise<void> {
  const found = findDestination(cli, options)
  const isBad = options.badSignature === true
  const destination = isBad ? { ...found, secret: `wrong-${found.secret}` } : found
  const callId = options.call ?? newCallId()
  // Safe: commander takes only names of flows.
  const flow = options.flow as FlowName
  const steps = stepsOf(flow, destination.dialect).length
  cli.tell(oneLine(`${flow}: ${steps} callbacks of call ${callId}`))
  const failed = await playFlow(flow, {
    destination,
    callId,
    isOneDialect: options.dialect !== undefined,
    set: options.set,
    backoffMs: backoffOf(options),
    signal: cli.signal,
    now: () => cli.clock.wall(),
    dial: (url, dialling) => dialOrSay(cli, url, dialling),
    onReply: (step, reply, tries) => show(cli, { callId, step, reply, tries }),
    onStranger: (origin) =>
      cli.tell(oneLine(`The answer goes on at ${origin}, which is not dialled from here.`)),
  })
  if (isBad) cli.tell('Signatures were wrong on purpose.')
  if (failed > 0) {
    throw new RingbackError('handler_failed', `${failed} of ${steps} were not answered with 200.`)
  }
}

function backoffOf({ backoff = '1000' }: SendOptions): number {
  const ms = Number(backoff)
  if (Number.isInteger(ms) && ms >= 0 && ms <= 60_000) return ms
  throw new RingbackError('usage', '--backoff: must be 0 to 60000 milliseconds.')
}

function show(
  cli: Cli,
  {
    callId,
    step,
    reply,
    tries,
  }: { readonly callId: string; readonly step: FlowStep; readonly reply: Dialled; readonly tries: number },
): void {
  const { status, ms, contentType, body } = reply
  if (cli.options.json === true) {
    cli.printJson({
      step: step.title,
      call_id: callId,
      try: tries,
      status,
      ms: Math.round(ms * 10) / 10,
      content_type: contentType,
      body,
    })
    return
  }
  const color = status === 200 ? 'green' : 'red'
  const again = tries === 1 ? '' : `  try ${tries}`
  cli.print(
    `${cli.paint(color, String(status))} ${msText(ms).padStart(8)}  ${step.title.padEnd(18)}${again}  ${oneLine(contentType, 60)}`,
  )
}
