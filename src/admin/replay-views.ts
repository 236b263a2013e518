// Replays and dead letters in the JSON of the admin API; part of api.ts.

/** Dead letters that were moved. */
export interface MovedLetters {
  readonly ids: readonly string[]
}

/** Which callbacks a replay is about: `ids`, the ones an `incident` hurt, or all that the filters find. */
export interface ReplayRequest {
  readonly ids?: readonly string[] | undefined
  readonly incident?: string | undefined
  readonly route?: string | undefined
  readonly event?: string | undefined
  readonly call_id?: string | undefined
  readonly result?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** Also what a handler has taken already. */
  readonly include_delivered?: boolean | undefined
  /** Only say what would happen. */
  readonly dry_run?: boolean | undefined
  /** Attempts a second, at most. */
  readonly rate?: number | undefined
  /** Failures after which the rest is left alone. */
  readonly abort_after?: number | undefined
  readonly reason?: string | undefined
}

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

export interface ReplayView {
  /** Empty for a plan. */
  readonly id: string
  /** `interrupted`: the daemon ended while it ran. */
  readonly state: 'planned' | 'running' | 'done' | 'aborted' | 'cancelled' | 'interrupted'
  readonly reason: string
  readonly created_at: number
  readonly ended_at: number | null
  readonly total: number
  /** How many are in each state; they add up to `total`. */
  readonly counts: Readonly<Record<string, number>>
  /** Arrival of the oldest and the newest that is, or was, to be sent. */
  readonly oldest_at: number | null
  readonly newest_at: number | null
  /** In order of arrival, at most the first 1000. */
  readonly items: readonly ReplayItem[]
}
