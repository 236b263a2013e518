/** One incident that would have been told. Times are milliseconds since the epoch. */
export interface BacktestIncident {
  readonly rule: string
  readonly route: string
  readonly target: string
  readonly severity: string
  /** When the trouble began. */
  readonly since: number
  readonly fired_at: number
  /** From the beginning of the trouble to the alert. */
  readonly fired_after_ms: number
  /** Null when it would still fire at the end. */
  readonly closed_at: number | null
  readonly lasted_ms: number | null
  /** Callbacks hurt. */
  readonly callbacks: number
  /** What the rule measured. */
  readonly reason: string
  /** Routes and targets in the one incident. */
  readonly places: number
}

/** What the alert engine would have done over a stretch of the past. */
export interface BacktestReport {
  readonly from: number
  readonly to: number
  readonly callbacks: number
  /** Callbacks of routes that are not configured any more: they were left out. */
  readonly skipped: number
  /** Oldest first. */
  readonly incidents: readonly BacktestIncident[]
  /** Messages by channel: alerts, reminders and ends. */
  readonly messages: Readonly<Record<string, number>>
  /** Incidents that the ledger remembers of the same time. */
  readonly really_fired: number
}
