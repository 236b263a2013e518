import { z } from 'zod'

import type { StreamEvent } from '../../api.ts'
import { type Endpoint, endpoint } from '../../endpoint.ts'
import type { AdminParts } from '../../parts.ts'
import { Refused } from '../../problem.ts'
import { createEventBuffer, type EventBuffer } from './event-buffer.ts'
import { eventId, eventName } from './event-name.ts'
import { missedAfter } from './resume.ts'
import { wants, type Wish } from './wish.ts'

const HEARTBEAT_MS = 15_000
const MOST_STREAMS = 64

interface Client {
  readonly wish: Wish
  /** The last event that it had, when it comes back. */
  readonly lastId: string | undefined
  /** Fills the buffer from now on, until the result is called. */
  readonly watch: (buffer: EventBuffer) => () => void
  /** Aborted when it goes, or the server stops. */
  readonly signal: AbortSignal
}

/** Attempts and callbacks as they happen, as server-sent events. */
export function streamEndpoints(parts: AdminParts): readonly Endpoint[] {
  let open = 0
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/stream',
      role: 'read',
      tag: 'Callbacks',
      summary: 'Follow attempts and callbacks as server-sent events; Last-Event-ID resumes',
      query: z.strictObject({
        route: z.string().min(1).max(64).optional(),
        call_id: z.string().min(1).max(128).optional(),
        types: z
          .enum(['attempt', 'callback'])
          .optional()
          .meta({ description: 'Only events of this type; both when absent.' }),
        last_event_id: z
          .string()
          .max(200)
          .optional()
          .meta({ description: 'Where to go on, for clients that cannot send the header Last-Event-ID.' }),
      }),
      answer: {
        status: 200,
        description:
          'Events `attempt`, `callback` and `gap`; comments as heartbeat. An id is a moment, a dash and a name; after ' +
          'a restart of the daemon the last second may be told again, under the same names.',
        contentType: 'text/event-stream',
      },
      handle({ query, request }) {
        if (open >= MOST_STREAMS) {
          throw new Refused(503, 'too_many_streams', `${MOST_STREAMS} clients follow already.`, {
            'retry-after': '10',
          })
        }
        const lastId = request.headers['last-event-id'] ?? query.last_event_id
        const watch = (buffer: EventBuffer) => {
          open++
          const unsubscribe = parts.subscribe((event) => {
            if (wants(query, event)) buffer.push(event)
          })
          return () => {
            open--
            unsubscribe()
          }
        }
        const client = { wish: query, lastId: typeof lastId === 'string' ? lastId : undefined, watch }
        return {
          kind: 'stream',
          contentType: 'text/event-stream',
          headers: { 'x-accel-buffering': 'no' },
          chunks: follow(parts, { ...client, signal: request.signal }),
        }
      },
    }),
  ]
}

/** Begins to watch before it asks for what was missed, so that nothing falls between the two. */
async function* follow(parts: AdminParts, client: Client): AsyncGenerator<string> {
  const { wish, lastId, signal } = client
  const buffer = createEventBuffer()
  const unwatch = client.watch(buffer)
  const recent = lastId === undefined ? undefined : parts.toldAfter(lastId)
  signal.addEventListener('abort', buffer.end, { once: true })
  if (signal.aborted) buffer.end()
  try {
    yield 'retry: 2000\n\n' // how long a client waits before it comes back
    /** What the ledger told may come over the feed as well: it was handed over a moment before it is told. */
    const told = new Set<string | undefined>()
    if (lastId !== undefined && recent !== undefined) {
      for await (const event of missedAfter(parts, lastId, { wish, recent })) {
        told.add(eventName(event) ?? '')
        yield eventText(event)
      }
    }
    for (;;) {
      const events = await buffer.take(HEARTBEAT_MS)
      if (events === 'ended') return
      const text = events.filter((event) => !told.has(eventName(event))).map(eventText)
      yield text.length === 0 ? ': still here\n\n' : text.join('')
    }
  } finally {
    signal.removeEventListener('abort', buffer.end)
    unwatch()
  }
}

/** JSON holds no line break, so one data line is enough. An event without an id leaves the client's last one as it is. */
function eventText(event: StreamEvent): string {
  const id = eventId(event)
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`
}
