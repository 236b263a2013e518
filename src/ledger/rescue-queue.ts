import type { Exchange } from '../callback/callback.ts'

/** A callback as it was kept, with the id of the route it arrived on; which targets that has now is for the reader to find out. */
export type KeptExchange = Omit<Exchange, 'route'> & {
  readonly route: string
  /** Attempts made so far, live ones included. */
  readonly attempts: number
}

/** A callback that was answered for its handler and waits to be delivered, under a lease. */
export interface Leased {
  readonly kept: KeptExchange
  /** Failed deliveries since it was rescued: the place in the schedule. */
  readonly retries: number
  /** Grows with every lease of this callback: whoever holds an older one has lost it. See `Delivery.fence`. */
  readonly fence: number
}

/** How much of one route is wanted. */
export interface Wanted {
  readonly route: string
  readonly limit: number
  /** Also takes what is not due yet when it was last tried before this moment, because its target has recovered since. */
  readonly triedBefore?: number | undefined
}

export interface Taken {
  readonly leased: readonly Leased[]
  /** When the next one of the wanted routes is due, milliseconds since the epoch; undefined when nothing waits there. */
  readonly nextDueAt: number | undefined
}

/** A lease that is given back without an attempt. */
export interface Release {
  readonly id: string
  readonly fence: number
  /** Whole milliseconds since the epoch. */
  readonly dueAt: number
}

/** What waits on one route. */
export interface Backlog {
  readonly route: string
  readonly waiting: number
  readonly dead: number
  /** Of both. */
  readonly bytes: number
  /** Arrival of the oldest that waits, milliseconds since the epoch; undefined when none does. */
  readonly oldest_at: number | undefined
}

/** The callbacks of one call that wait on a route; those without a call id stand together under the empty one. */
export interface Lane {
  readonly route: string
  readonly call_id: string
  readonly waiting: number
  readonly bytes: number
  readonly oldest_at: number
}

/** A callback that came to wait again. */
export interface Requeued {
  readonly id: string
  readonly route: string
  readonly call_id: string
  readonly bytes: number
}

export interface DeadLetter {
  readonly id: string
  readonly route: string
  readonly event: string
  readonly call_id: string
  readonly received_at: number
  readonly dead_at: number
  readonly reason: string
  readonly attempts: number
}

/**
 * The rescued callbacks. They come in, go back to wait, die and leave by `LedgerWriter.settle`, in the groups of all
 * other rows; here they are handed out. Only the oldest of each call (route and call id) can be taken: the next one
 * becomes due when the one before it is settled, or when it has waited behind others for too long.
 */
export interface RescueQueue {
  /** Leases what is due, oldest first; a lease that ran out may be taken again. */
  take(options: {
    readonly nowMs: number
    readonly leaseMs: number
    /** A callback that arrived longer ago than this waits behind no other any more. */
    readonly orderWaitMs: number
    readonly wanted: readonly Wanted[]
  }): Promise<Taken>
  release(leases: readonly Release[]): Promise<void>
  /** Puts dead letters back into the queue, due now, with all their retries before them. */
  requeue(ids: readonly string[], reason: string, nowMs: number): Promise<readonly Requeued[]>
  /** Deletes dead letters' bytes and leaves them dead for good; the reason is kept. Resolves with their ids. */
  discard(ids: readonly string[], reason: string): Promise<readonly string[]>
  /** Newest first. */
  deadLetters(filter: {
    readonly route?: string | undefined
    readonly limit: number
    /** Id of the last one of the page before. */
    readonly after?: string | undefined
  }): Promise<readonly DeadLetter[]>
  /** Dead letters with their exact bytes; those that are not dead (any more) are left out. */
  kept(ids: readonly string[]): Promise<readonly KeptExchange[]>
  backlog(): Promise<readonly Backlog[]>
  lanes(): Promise<readonly Lane[]>
}
