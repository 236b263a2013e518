import type { DeliveryResult, RefusalReason } from '../callback/attempt.ts'
import type { Outcome } from '../callback/outcome.ts'

/** A callback that another replica answered. */
export interface HeardCallback {
  readonly id: string
  readonly received_at: number
  readonly route: string
  readonly event: string
  readonly call_id: string
  readonly result: DeliveryResult
  readonly answer_ms: number
  /** Of the last attempt, or empty. */
  readonly last_outcome: Outcome | ''
  /** Was it the fallback that took it? */
  readonly by_fallback: boolean
}

/** A request that another replica did not let in. */
export interface HeardRefusal {
  readonly received_at: number
  readonly route: string
  readonly reason: RefusalReason
}

/** What other replicas decided. */
export interface Heard {
  readonly callbacks: readonly HeardCallback[]
  readonly refusals: readonly HeardRefusal[]
}

/** How processes that share one ledger agree, all of it through the ledger. */
export interface Sharing {
  /**
   * Does this process evaluate alerts and send messages? One does, as long as the database is there; without it the last
   * one goes on, and after half a minute everybody does: told twice is better than not told.
   */
  isLeading(): boolean
  /** The database cannot be reached, so nothing is known of the others. */
  isAway(): boolean
  /** What other replicas decided since this was asked last; nothing the first time. */
  heard(): Promise<Heard>
}
