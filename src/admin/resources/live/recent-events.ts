import type { StreamEvent } from '../../api.ts'
import { eventId } from './event-name.ts'

/** A few hundred bytes each, no bodies. */
const MOST_REMEMBERED = 5000

/** What a client that comes back may have missed. */
export interface Missed {
  readonly events: readonly StreamEvent[]
  /** They begin right after the last event that the client had; else there may be more before them, in the ledger. */
  readonly isWhole: boolean
}

/** The last events that were told, in their order. */
export interface RecentEvents {
  push(event: StreamEvent): void
  after(id: string): Missed
  clear(): void
}

export function createRecentEvents(most: number = MOST_REMEMBERED): RecentEvents {
  let events: StreamEvent[] = []
  return {
    push(event) {
      events.push(event)
      if (events.length > 2 * most) events = events.slice(-most)
    },
    after(id) {
      const at = events.findLastIndex((event) => eventId(event) === id)
      return { events: events.slice(at + 1), isWhole: at >= 0 }
    },
    clear() {
      events = []
    },
  }
}
