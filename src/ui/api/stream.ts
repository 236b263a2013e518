import type {
  AttemptEvent,
  CallbackEvent,
  GapEvent,
  CallbackRow,
  Page,
  StreamEvent,
} from '../../admin/api.ts'
import type { LiveStore } from '../state/live-store.ts'
import { ask } from './ask.ts'
import { reads } from './reads.ts'

/** How the page is connected to the daemon. */
export type LinkState = 'connecting' | 'live' | 'lost'

const RETRY_MS = 2000

/** Follows the daemon's stream into the store until told to stop; comes back by itself after a break. */
export function follow(store: LiveStore, onState: (state: LinkState) => void): () => void {
  let source: EventSource | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let lastId = ''
  const open = (): void => {
    const resume = lastId === '' ? '' : `?${new URLSearchParams({ last_event_id: lastId }).toString()}`
    source = new EventSource(`./api/v1/stream${resume}`)
    source.addEventListener('open', () => {
      onState('live')
      void seed(store)
    })
    source.addEventListener('error', () => {
      onState('lost')
      // The browser comes back by itself after a break, and gives up after an answer that is no stream, such as that
      // of a proxy before a daemon that is away.
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, RETRY_MS)
    })
    for (const type of ['attempt', 'callback', 'gap'] as const) {
      source.addEventListener(type, (message: MessageEvent<string>) => {
        if (message.lastEventId !== '') lastId = message.lastEventId
        store.take(eventOf(type, message))
      })
    }
  }
  // The first rows need not wait for the stream; what comes between the two is told when that stands.
  void seed(store)
  open()
  return () => {
    clearTimeout(retry)
    source?.close()
  }
}

async function seed(store: LiveStore): Promise<void> {
  try {
    const { rows } = await ask<Page<CallbackRow>>(...reads.newest())
    store.seed(rows)
  } catch {
    // The stream goes on without what came before.
  }
}

function eventOf(type: StreamEvent['type'], message: MessageEvent<string>): StreamEvent {
  const at = Number(message.lastEventId.split('-')[0])
  const data: unknown = JSON.parse(message.data)
  switch (type) {
    case 'attempt':
      return { type, at, data: data as AttemptEvent }
    case 'callback':
      return { type, at, data: data as CallbackEvent }
    case 'gap':
      return { type, at, data: data as GapEvent }
  }
}
