import type { StreamEvent } from '../../api.ts'

/** Events that wait for one slow client. */
const MOST_WAITING = 2000

/** What one follower has not read yet; bounded, so that a slow client costs events and never memory. */
export interface EventBuffer {
  push(event: StreamEvent): void
  /** All that waits, as soon as something does; nothing after the wait; `ended` after `end`. One taker at a time. */
  take(waitMs: number): Promise<readonly StreamEvent[] | 'ended'>
  readonly end: () => void
}

export function createEventBuffer(most: number = MOST_WAITING): EventBuffer {
  let waiting: StreamEvent[] = []
  let dropped = 0
  let hasEnded = false
  let wake = idle
  return {
    push(event) {
      if (waiting.length < most) waiting.push(event)
      else dropped++
      wake()
    },
    async take(waitMs) {
      if (waiting.length === 0 && !hasEnded) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, waitMs)
          wake = () => {
            clearTimeout(timer)
            resolve()
          }
        })
        wake = idle
      }
      if (hasEnded) return 'ended'
      const taken = waiting
      const last = taken.at(-1)
      if (dropped > 0 && last !== undefined)
        taken.push({ type: 'gap', at: last.at, data: { dropped, reason: 'slow' } })
      waiting = []
      dropped = 0
      return taken
    },
    end() {
      hasEnded = true
      wake()
    },
  }
}

function idle(): void {
  // nobody waits
}
