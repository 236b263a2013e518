// Replays and what became of each of their callbacks, durable. Times are milliseconds since the epoch.

export type ReplayState = 'running' | 'done' | 'aborted' | 'cancelled' | 'interrupted'

/** One callback of a replay, in exactly one state. */
export interface ReplayItem {
  readonly id: string
  readonly call_id: string
  readonly event: string
  readonly received_at: number
  /** `left`, `sending`, `delivered`, `failed`, `unknown` when a crash cut it off, or why it is skipped. */
  readonly state: string
  /** Outcome of its attempt, or empty. */
  readonly outcome: string
}

export type ReplayChange = Pick<ReplayItem, 'id' | 'state' | 'outcome'>

export interface ReplayRow {
  readonly id: string
  readonly state: ReplayState
  readonly created_at: number
  /** Null while it runs. */
  readonly ended_at: number | null
  readonly reason: string
}

/** A replay with how its callbacks stand. */
export interface ReplayReport extends ReplayRow {
  readonly total: number
  /** How many are in each state; they add up to `total`. */
  readonly counts: Readonly<Record<string, number>>
  /** Arrival of the oldest and the newest that is, or was, to be sent; null when there is none. */
  readonly oldest_at: number | null
  readonly newest_at: number | null
  /** In order of arrival. */
  readonly items: readonly ReplayItem[]
}

/** States of callbacks that are not skipped. */
export const sendableStates: readonly string[] = ['left', 'sending', 'delivered', 'failed', 'unknown']

/** Each change is durable when it resolves. */
export interface ReplayStore {
  /** A new replay with its whole set; the oldest ones beyond a hundred are forgotten. */
  begin(replay: ReplayRow, items: readonly ReplayItem[]): Promise<void>
  change(replay: string, changes: readonly ReplayChange[]): Promise<void>
  end(replay: string, state: ReplayState, endedAt: number): Promise<void>
  /**
   * Ends what an earlier process left running as `interrupted`: what it was sending stands as `delivered` where the
   * ledger knows so, else as `unknown`, with an attempt that says so. Resolves with the number of replays.
   */
  interrupt(nowMs: number): Promise<number>
  /** With at most so many of its callbacks; undefined when there is none. */
  get(replay: string, mostItems: number): Promise<ReplayReport | undefined>
  /** Newest first, without their callbacks. */
  list(): Promise<readonly ReplayReport[]>
}
