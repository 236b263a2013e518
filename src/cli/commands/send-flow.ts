import { setTimeout as sleep } from 'node:timers/promises'

import { eventRow } from '../../callback/event.ts'
import { RingbackError } from '../../errors.ts'
import { jsonSample, newCallId, type Sample, sampleBody } from '../../sample/body.ts'
import type { Dialled } from '../../sample/dial.ts'
import { type FlowName, type FlowStep, flows, MOST_RETRIES } from '../../sample/flows.ts'
import { nextUrl } from '../../sample/next-url.ts'
import { signedHeaders, voiceHeaders } from '../../sample/signed-request.ts'
import type { Cli } from '../cli.ts'
import { dialOrSay } from '../dial-or-say.ts'
import { type Destination, findDestination, type SendOptions } from './send-destination.ts'
import { oneLine } from '../terminal-text.ts'
import { msText } from '../words.ts'

/** Where one step goes: what is dialled, and what the provider would dial and therefore signs. */
interface Hop {
  readonly dialUrl: URL
  readonly signedUrl: URL
}

interface Flow {
  readonly cli: Cli
  readonly destination: Destination
  readonly options: SendOptions
  readonly callId: string
}

/** Plays a whole call; an answer that is not 200 is asked for again, up to three times and further apart, as the provider does. */
export async function sendFlow(cli: Cli, options: SendOptions): Promise<void> {
  const destination = findDestination(cli, options)
  const flow: Flow = { cli, destination, options, callId: options.call ?? newCallId() }
  // Safe: commander takes only names of flows.
  const steps = flows[options.flow as FlowName].filter((step) => isSpoken(step, destination))
  cli.tell(oneLine(`${options.flow ?? ''}: ${steps.length} callbacks of call ${flow.callId}`))
  let failed = 0
  let answer = ''
  for (const group of groupsOf(steps)) {
    if (cli.signal.aborted) return
    const replies = await Promise.all(group.map((step) => playStep(flow, step, answer)))
    failed += replies.filter(({ status }) => status !== 200).length
    answer = replies.at(-1)?.body ?? ''
  }
  if (failed > 0) {
    throw new RingbackError('handler_failed', `${failed} of ${steps.length} were not answered with 200.`)
  }
}

/** The dialect with a timestamp has the events of accounts only; a voice callback is a form and signed otherwise. */
function isSpoken({ fields }: FlowStep, { dialect }: Destination): boolean {
  if (dialect !== 'timestamp') return true
  return eventRow(fields['Event'] ?? '')?.topic.includes('.') === true
}

function groupsOf(steps: readonly FlowStep[]): readonly (readonly FlowStep[])[] {
  const groups: FlowStep[][] = []
  for (const step of steps) {
    const last = groups.at(-1)
    if (step.isConcurrent === true && last?.at(-1)?.isConcurrent === true) last.push(step)
    else groups.push([step])
  }
  return groups
}

async function playStep(flow: Flow, step: FlowStep, lastAnswer: string): Promise<Dialled> {
  const { cli, options } = flow
  const hop = hopOf(flow, step, lastAnswer)
  const { body, headers } = requestOf(flow, step, hop)
  const send = () => dialOrSay(cli, hop.dialUrl, { headers, body, host: hop.signedUrl.host })
  let reply = await send()
  let tries = 1
  let waitMs = backoffOf(options)
  while (tries <= MOST_RETRIES && !cli.signal.aborted) {
    const isMissed = tries <= (step.repeats ?? 0)
    if (reply.status === 200 && !isMissed) break
    show(flow, step, { reply, tries })
    await sleep(waitMs, undefined, { signal: cli.signal }).catch(() => undefined)
    waitMs *= 2
    reply = await send()
    tries++
  }
  show(flow, step, { reply, tries })
  if (options.badSignature === true) cli.tell('The signature was wrong on purpose.')
  return reply
}

function backoffOf({ backoff = '1000' }: SendOptions): number {
  const ms = Number(backoff)
  if (Number.isInteger(ms) && ms >= 0 && ms <= 60_000) return ms
  throw new RingbackError('usage', '--backoff: must be 0 to 60000 milliseconds.')
}

/** Only our own side is followed: a test tool carries no signatures to strangers. */
function hopOf({ cli, destination }: Flow, step: FlowStep, lastAnswer: string): Hop {
  const { dialUrl, signedUrl } = destination
  const next = step.followsAction === true ? nextUrl(lastAnswer) : undefined
  if (next === undefined) return { dialUrl, signedUrl }
  if (next.origin === signedUrl.origin) {
    return { dialUrl: new URL(next.pathname + next.search, dialUrl), signedUrl: next }
  }
  if (next.origin === dialUrl.origin) return { dialUrl: next, signedUrl: next }
  cli.tell(oneLine(`The answer goes on at ${next.origin}, which is not dialled from here.`))
  return { dialUrl, signedUrl }
}

function requestOf(
  { cli, destination, options, callId }: Flow,
  { fields }: FlowStep,
  { signedUrl }: Hop,
): { readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> } {
  const { account, dialect, secret, parentSecret } = destination
  const sample: Sample =
    dialect === 'timestamp'
      ? jsonSample({ event: eventRow(fields['Event'] ?? '')?.topic ?? '', callId, account })
      : {
          contentType: 'application/x-www-form-urlencoded',
          fields: { CallUUID: callId, ...fields, auth_id: account },
        }
  const body = sampleBody(sample, options.set)
  const own = options.badSignature === true ? `wrong-${secret}` : secret
  const isVoice = options.dialect === undefined && dialect !== 'timestamp'
  if (isVoice) return { body, headers: voiceHeaders({ own, parent: parentSecret }, { signedUrl, body }) }
  const nowSeconds = Math.floor(cli.clock.wall() / 1000)
  const signing = { dialect, secret: own, signedUrl, body, contentType: sample.contentType, nowSeconds }
  return { body, headers: signedHeaders(signing) }
}

function show(
  { cli, callId }: Flow,
  step: FlowStep,
  { reply, tries }: { readonly reply: Dialled; readonly tries: number },
): void {
  const { status, ms, contentType, body } = reply
  if (cli.options.json === true) {
    const { title } = step
    const spent = Math.round(ms * 10) / 10
    cli.printJson({
      step: title,
      call_id: callId,
      try: tries,
      status,
      ms: spent,
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
