import type { Callback } from '../callback/callback.ts'

/** A callback that was answered for its handler and waits to be delivered, under a lease. */
export interface Leased {
  readonly callback: Callback
  /** Id of the route it arrived on. */
  readonly route: string
  readonly event: string
  readonly call_id: string
  /** Attempts made so far, live ones included. */
  readonly attempts: number
  /** Failed deliveries since it was rescued: the place in the schedule. */
  readonly retries: number
  readonly traceparent: string
  /** Grows with every lease of this callback: whoever holds an older one has lost it. */
  readonly fence: number
}

/** What waits on one route. */
export interface Backlog {
  readonly route: string
  readonly waiting: number
  readonly dead: number
  readonly bytes: number
  /** Arrival of the oldest that waits, milliseconds since the epoch; undefined when none does. */
  readonly oldest_at: number | undefined
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
 * The rescued callbacks. Only the oldest of each call (route and call id) can be taken: the next one becomes due
 * when the one before it is settled.
 */
export interface RescueQueue {
  /** Leases what is due, oldest first; a lease that ran out may be taken again. */
  take(options: {
    readonly nowMs: number
    readonly leaseMs: number
    readonly limit: number
    readonly routes?: readonly string[]
  }): Promise<readonly Leased[]>
  /** Tries again later. False when the lease was lost. */
  reschedule(id: string, fence: number, dueAt: number): Promise<boolean>
  /** Gives up in plain sight. False when the lease was lost. */
  bury(id: string, fence: number, reason: string, nowMs: number): Promise<boolean>
  /** Gives a lease back unused. */
  release(id: string, fence: number): Promise<void>
  /** Puts dead letters back into the queue, due now; resolves with how many. */
  requeue(ids: readonly string[], reason: string, nowMs: number): Promise<number>
  /** Deletes dead letters' bytes and settles them as dead for good; the reason is kept. */
  discard(ids: readonly string[], reason: string, nowMs: number): Promise<number>
  deadLetters(filter: { readonly route?: string; readonly limit: number }): Promise<readonly DeadLetter[]>
  backlog(): Promise<readonly Backlog[]>
  /** Route and call id of every call that has someone waiting. */
  lanes(): Promise<readonly { readonly route: string; readonly call_id: string; readonly waiting: number }[]>
  /** When the next one is due; undefined when nothing waits. */
  nextDueAt(): Promise<number | undefined>
}
