import { z } from 'zod'

import type { CallbackRow } from '../../ledger/rows.ts'
import type { CallbackEvent, StreamEvent } from '../api.ts'
import { createEventBuffer, type EventBuffer } from './event-buffer.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { AdminParts } from '../parts.ts'
import { Refused } from '../problem.ts'

const HEARTBEAT_MS = 15_000
const MOST_STREAMS = 64
const RESUME_PAGE = 1000
/** A callback is answered at most this long after it arrived; how far before the last event a resume has to look. */
const LONGEST_ANSWER_MS = 120_000
/** Events of one moment may be told in either order, so a resume overlaps a little: at least once, never a hole. */
const OVERLAP_MS = 1000

/** Attempts and callbacks as they happen, as server-sent events. */
export function streamEndpoints(parts: AdminParts): readonly Endpoint[] {
  let open = 0
  return [
    endpoint({
      method: 'GET',
      path: '/api/v1/stream',
      role: 'read',
      tag: 'Callbacks',
      summary: 'Follow attempts and callbacks as server-sent events; Last-Event-ID resumes from the ledger',
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
        description: 'Events `attempt`, `callback` and `gap`; comments as heartbeat.',
        contentType: 'text/event-stream',
      },
      handle({ query, request }) {
        if (open >= MOST_STREAMS) {
          throw new Refused(503, 'too_many_streams', `${MOST_STREAMS} clients follow already.`, {
            'retry-after': '10',
          })
        }
        const since = momentOfEventId(request.headers['last-event-id'] ?? query.last_event_id)
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
        return {
          kind: 'stream',
          contentType: 'text/event-stream',
          headers: { 'x-accel-buffering': 'no' },
          chunks: follow(watch, missedSince(parts, since, query), request.signal),
        }
      },
    }),
  ]
}

interface Wish {
  readonly route?: string | undefined
  readonly call_id?: string | undefined
  readonly types?: 'attempt' | 'callback' | undefined
}

function wants(wish: Wish, event: StreamEvent): boolean {
  if (event.type === 'gap') return true
  return (
    (wish.types === undefined || wish.types === event.type) &&
    (wish.route === undefined || wish.route === event.data.route) &&
    (wish.call_id === undefined || wish.call_id === event.data.call_id)
  )
}

/** Begins to watch before the ledger is asked for what was missed, so that nothing falls between the two. */
async function* follow(
  watch: (buffer: EventBuffer) => () => void,
  missed: AsyncIterable<StreamEvent>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const buffer = createEventBuffer()
  const unwatch = watch(buffer)
  signal.addEventListener('abort', buffer.end, { once: true })
  if (signal.aborted) buffer.end()
  try {
    yield 'retry: 2000\n\n' // how long a client waits before it comes back
    for await (const event of missed) yield eventText(event)
    for (;;) {
      const events = await buffer.take(HEARTBEAT_MS)
      if (events === 'ended') return
      yield events.length === 0 ? ': still here\n\n' : events.map(eventText).join('')
    }
  } finally {
    signal.removeEventListener('abort', buffer.end)
    unwatch()
  }
}

/** JSON holds no line break, so one data line is enough. */
function eventText(event: StreamEvent): string {
  return `id: ${eventId(event)}\nevent: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`
}

/** The moment it was told, and what it is about: `1795444980123-01KAG…`. */
function eventId(event: StreamEvent): string {
  switch (event.type) {
    case 'attempt':
      return `${event.at}-${event.data.callback_id}.${event.data.number}`
    case 'callback':
      return `${event.at}-${event.data.id}`
    case 'gap':
      return `${event.at}-gap`
  }
}

function momentOfEventId(id: string | string[] | undefined): number | undefined {
  const digits = typeof id === 'string' ? /^(\d{1,15})-/.exec(id)?.[1] : undefined
  return digits === undefined ? undefined : Number(digits)
}

/** The callbacks that were answered after a moment, oldest first, from the ledger. Attempts are not told again. */
async function* missedSince(
  { reader }: AdminParts,
  since: number | undefined,
  wish: Wish,
): AsyncGenerator<StreamEvent> {
  if (since === undefined || wish.types === 'attempt') return
  const { rows, next } = await reader.callbacks({
    route: wish.route,
    call_id: wish.call_id,
    since: since - LONGEST_ANSWER_MS,
    limit: RESUME_PAGE,
  })
  // More was missed than one page: the newest are told, and that older ones are left out.
  if (next !== null) yield { type: 'gap', at: since, data: { dropped: null } }
  for (const row of rows.toReversed()) {
    const at = row.received_at + Math.ceil(row.answer_ms)
    if (row.result !== 'pending' && at >= since - OVERLAP_MS)
      yield { type: 'callback', at, data: eventOf(row) }
  }
}

function eventOf(row: CallbackRow): CallbackEvent {
  const { id, received_at, route, event, call_id, kind, verdict, result, blame, answer_status, answer_ms } =
    row
  return { id, received_at, route, event, call_id, kind, verdict, result, blame, answer_status, answer_ms }
}
