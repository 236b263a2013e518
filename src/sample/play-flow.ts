import { setTimeout as sleep } from 'node:timers/promises'

import { eventRow } from '../callback/event.ts'
import { jsonSample, type Sample, sampleBody } from './body.ts'
import type { Dialled, Dialling } from './dial.ts'
import { type FlowName, type FlowStep, flows, MOST_RETRIES } from './flows.ts'
import { type Follow, urlsIn } from './next-url.ts'
import { type SampleDialect, signedHeaders, voiceHeaders } from './signed-request.ts'

/** Where callbacks go and how they are signed. */
export interface FlowDestination {
  readonly account: string
  readonly dialect: SampleDialect
  readonly secret: string
  /** The key of the parent account, where there is one. */
  readonly parentSecret: string | undefined
  readonly dialUrl: URL
  /** What the provider would dial, and therefore what is signed. */
  readonly signedUrl: URL
}

export interface Playing {
  readonly destination: FlowDestination
  readonly callId: string
  /** Signs as the dialect of the destination alone, instead of as the provider signs voice callbacks. */
  readonly isOneDialect: boolean
  /** Fields of every body that replace those of the flow. */
  readonly set: Readonly<Record<string, string>>
  /** First wait before a callback is tried again; doubled each time. */
  readonly backoffMs: number
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly dial: (url: URL, dialling: Dialling) => Promise<Dialled>
  readonly onReply: (step: FlowStep, reply: Dialled, tries: number) => void
  /** An answer goes on at another origin, which is not dialled. */
  readonly onStranger: (origin: string) => void
}

/** Where one step goes: what is dialled, and what the provider would dial and therefore signs. */
interface Hop {
  readonly dialUrl: URL
  readonly signedUrl: URL
}

/** The steps of a flow that a dialect can say: the one with a timestamp has the events of accounts only. */
export function stepsOf(flow: FlowName, dialect: SampleDialect): readonly FlowStep[] {
  const isSpoken = ({ fields }: FlowStep): boolean =>
    dialect !== 'timestamp' || eventRow(fields['Event'] ?? '')?.topic.includes('.') === true
  return flows[flow].filter(isSpoken)
}

/**
 * Plays a whole call: answers say where it goes on, and an answer that is not 200 is asked for again up to three
 * times and further apart, as the provider does. Resolves with the number of callbacks that were never answered with 200.
 */
export async function playFlow(flow: FlowName, playing: Playing): Promise<number> {
  const named = new Map<Follow, URL>()
  let failed = 0
  for (const group of groupsOf(stepsOf(flow, playing.destination.dialect))) {
    if (playing.signal.aborted) return failed
    const replies = await Promise.all(group.map((step) => playStep(playing, step, named)))
    failed += replies.filter(({ status }) => status !== 200).length
  }
  return failed
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

async function playStep(playing: Playing, step: FlowStep, named: Map<Follow, URL>): Promise<Dialled> {
  const { signal, onReply } = playing
  const hop = hopOf(playing, step, named)
  const { body, headers } = requestOf(playing, step, hop)
  const send = () => playing.dial(hop.dialUrl, { headers, body, host: hop.signedUrl.host })
  let reply = await send()
  let tries = 1
  let waitMs = playing.backoffMs
  while (tries <= MOST_RETRIES && !signal.aborted) {
    const isMissed = tries <= (step.repeats ?? 0)
    if (reply.status === 200 && !isMissed) break
    onReply(step, reply, tries)
    await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    waitMs *= 2
    reply = await send()
    tries++
  }
  onReply(step, reply, tries)
  for (const [name, url] of urlsIn(reply.body, hop.signedUrl)) named.set(name, url)
  return reply
}

/** Only our own side is followed: a test tool carries no signatures to strangers. */
function hopOf({ destination, onStranger }: Playing, step: FlowStep, named: ReadonlyMap<Follow, URL>): Hop {
  const { dialUrl, signedUrl } = destination
  const next = step.follows === undefined ? undefined : named.get(step.follows)
  if (next === undefined) return { dialUrl, signedUrl }
  if (next.origin === signedUrl.origin) {
    return { dialUrl: new URL(next.pathname + next.search, dialUrl), signedUrl: next }
  }
  if (next.origin === dialUrl.origin) return { dialUrl: next, signedUrl: next }
  onStranger(next.origin)
  return { dialUrl, signedUrl }
}

function requestOf(
  { destination, callId, set, isOneDialect, now }: Playing,
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
  const body = sampleBody(sample, set)
  if (!isOneDialect && dialect !== 'timestamp') {
    return { body, headers: voiceHeaders({ own: secret, parent: parentSecret }, { signedUrl, body }) }
  }
  const nowSeconds = Math.floor(now() / 1000)
  const signing = { dialect, secret, signedUrl, body, contentType: sample.contentType, nowSeconds }
  return { body, headers: signedHeaders(signing) }
}
