import type { Outcome } from '../callback/outcome.ts'
import type { RouteStretch } from './rows.ts'

// The past as a ledger kept it, in the form that a backtest goes through. Times are milliseconds since the epoch.

/** One attempt of a past callback. */
export interface PastAttempt {
  readonly number: number
  readonly target: string
  readonly url: string
  readonly via: string
  readonly started_at: number
  readonly outcome: Outcome
  readonly status: number
  readonly total_ms: number | null
  readonly error: string
}

/** A past callback with its attempts, in the order of their numbers. */
export interface PastCallback {
  readonly id: string
  readonly received_at: number
  readonly route: string
  readonly event: string
  readonly call_id: string
  readonly method: string
  readonly result: string
  readonly duplicate_of: string
  readonly answer_status: number
  readonly answer_ms: number
  readonly attempts: readonly PastAttempt[]
}

/** A request that was not let in. */
export interface PastRefusal {
  readonly received_at: number
  readonly route: string
  readonly reason: string
}

/** An incident that was really told. */
export interface PastIncident {
  readonly rule: string
  readonly route: string
  readonly opened_at: number
}

/** Where the past is read; nothing in it is changed. Every implementation passes test/contract/past.ts. */
export interface Past extends AsyncDisposable {
  /** In the order of arrival, page by page. */
  callbacks(from: number, to: number): AsyncIterable<readonly PastCallback[]>
  refusals(from: number, to: number): Promise<readonly PastRefusal[]>
  /** Callbacks by route and hour. */
  hours(from: number): Promise<readonly RouteStretch[]>
  incidents(from: number, to: number): Promise<readonly PastIncident[]>
  /** When the oldest callback that is kept arrived; undefined when there is none. */
  oldestAt(): Promise<number | undefined>
}
