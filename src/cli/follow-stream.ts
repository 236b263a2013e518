import { setTimeout as sleep } from 'node:timers/promises'

import { RingbackError } from '../errors.ts'
import type { Cli } from './cli.ts'
import { type AdminClient, connect } from './client.ts'
import { readEvents, type ServerEvent } from './event-source.ts'

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
/** Heartbeats come every 15 s; a stream that is silent for longer is dead, whatever the connection says. */
const SILENCE_MS = 40_000
/** More than a resume tells again. */
const MOST_REMEMBERED = 50_000

/** What of the stream is wanted, as the API names it. */
export interface StreamQuery {
  readonly route?: string | undefined
  readonly call_id?: string | undefined
  readonly types?: string | undefined
}

/**
 * Follows the live stream until the signal; comes back after every loss, from where it was. Each event is given once.
 *
 * @throws RingbackError when the daemon was never reached or refuses
 */
export async function followStream(
  cli: Cli,
  query: StreamQuery,
  take: (event: ServerEvent) => void,
): Promise<void> {
  const client = connect(cli)
  const seen = createMemory()
  const hasEnded = () => cli.signal.aborted
  let lastId = ''
  let waitMs = FIRST_WAIT_MS
  let opened = 0
  const onEvent = (event: ServerEvent | 'open') => {
    waitMs = FIRST_WAIT_MS
    if (event === 'open') {
      cli.tell(opened > 0 ? 'Connected again.' : `Following ${client.url}; Ctrl-C ends.`)
      opened++
      return
    }
    // An event without an id is told once only, and leaves the last one where it was.
    if (event.id !== '') lastId = event.id
    if (event.id === '' || !seen(event.id)) take(event)
  }
  while (!hasEnded()) {
    try {
      for await (const event of follow(client, { cli, query, lastId })) onEvent(event)
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
  { cli, query, lastId }: { readonly cli: Cli; readonly query: StreamQuery; readonly lastId: string },
): AsyncGenerator<ServerEvent | 'open'> {
  const wanted = new URLSearchParams(
    Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), SILENCE_MS)
  try {
    const response = await client.open(
      `/api/v1/stream?${wanted.toString()}`,
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
