// What reconciliation reports, as the admin API shows it and the command line prints it. Times are milliseconds since
// the epoch. Phone numbers of call records are never kept.

/** What can be wrong with a call of the provider's records. A closed set: a metric label. */
export const findingNames = ['no_callback', 'no_end', 'step_missing', 'answer_blamed'] as const
export type FindingName = (typeof findingNames)[number]

/** One call whose record does not fit what the ledger knows of it. */
export interface CallFinding {
  readonly account: string
  readonly call_id: string
  readonly finding: FindingName
  /** What does not fit, in one sentence. */
  readonly reason: string
  /** `inbound`, `outbound`, or empty. */
  readonly direction: string
  readonly started_at: number
  readonly ended_at: number
  readonly hangup_cause: string
  readonly hangup_cause_code: number | null
  readonly hangup_cause_name: string
  readonly hangup_source: string
  /** The callback that the provider blames although it was answered with 200; empty otherwise. */
  readonly callback_id: string
}

/** How many calls of a window fit, and how many do not, by finding. */
export type CallCounts = Readonly<Record<FindingName | 'ok', number>>

/** The last reading of the records of one account. */
export interface AccountReport {
  readonly account: string
  /** Start of the last reading; null before the first. */
  readonly ran_at: number | null
  /** Start of the last reading that came to its end. */
  readonly succeeded_at: number | null
  readonly next_at: number
  /** Why the last reading failed; empty when it did not. */
  readonly problem: string
  /** Calls that ended in this window were looked at; it is that of the last reading that came to its end. */
  readonly from: number
  readonly to: number
  readonly calls: CallCounts
  /** False when there were more records than are read at once: then `from` is where reading stopped. */
  readonly is_complete: boolean
}

export interface ReconciliationView {
  readonly is_configured: boolean
  readonly accounts: readonly AccountReport[]
  /** Newest call first. */
  readonly findings: readonly CallFinding[]
}
