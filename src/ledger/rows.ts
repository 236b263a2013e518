import type { Via } from '../callback/attempt.ts'

// Rows as they are read, as the admin API shows them and as the command line prints them: one shape, with the
// snake_case of the configuration. Times are milliseconds since the epoch, durations milliseconds.

export interface CallbackRow {
  readonly id: string
  readonly received_at: number
  readonly route: string
  readonly account: string
  readonly event: string
  /** Name on the wire where it is not a known event. */
  readonly raw_event: string
  readonly call_id: string
  readonly kind: string
  readonly method: string
  /** Path and query as they came, numbers and secrets masked. */
  readonly path: string
  /** verified | warned | unchecked, or refused for what was not let in. */
  readonly verdict: string
  /** A DeliveryResult, or `pending` while the callback is under way. */
  readonly result: string
  readonly blame: string
  /** For `rejected`: the RefusalReason. For a dead letter that was requeued or discarded: why. */
  readonly reason: string
  readonly attempts: number
  /** Outcome of the last attempt, or empty. */
  readonly last_outcome: string
  readonly answer_status: number
  readonly answer_ms: number
  readonly body_bytes: number
  readonly duplicate_of: string
  readonly peer: string
  readonly traceparent: string
}

export interface AttemptRow {
  readonly callback_id: string
  readonly number: number
  readonly target: string
  /** URL without credentials. */
  readonly url: string
  readonly via: Via
  readonly started_at: number
  readonly outcome: string
  readonly status: number
  readonly dns_ms: number | null
  readonly connect_ms: number | null
  readonly tls_ms: number | null
  readonly first_byte_ms: number | null
  readonly total_ms: number | null
  readonly error: string
  readonly resent: boolean
  /** Capped and redacted excerpt of the reply. */
  readonly reply: MessageRow | null
}

/** A request or reply as it is kept: redacted and capped, per `ledger.bodies`. */
export interface MessageRow {
  /** Names and values in turn; secrets and phone numbers masked. */
  readonly headers: readonly string[]
  /** Text of the body; null where bodies are not kept. */
  readonly body: string | null
  readonly body_bytes: number
  readonly is_truncated: boolean
  readonly is_redacted: boolean
}

export interface CallbackDetail extends CallbackWithAttempts {
  /** When a rescued callback is due again; null, or left out, when it does not wait. */
  readonly next_attempt_at?: number | null | undefined
  readonly request: MessageRow | null
}

export interface CallbackWithAttempts extends CallbackRow {
  readonly attempt_rows: readonly AttemptRow[]
}

export interface CallbackFilter {
  readonly route?: string | undefined
  readonly event?: string | undefined
  readonly call_id?: string | undefined
  readonly result?: string | undefined
  readonly outcome?: string | undefined
  /** Only what failed, was rescued, is dead or was rejected. */
  readonly failed?: boolean | undefined
  /** Only what was tried more than once. */
  readonly retried?: boolean | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** At most 1000. */
  readonly limit: number
  /** Cursor of the page before. */
  readonly after?: string | undefined
}

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Cursor of the next page; null at the end. */
  readonly next: string | null
}

/** As JSON with the cursor, as rows of JSON or of CSV. */
export type PageForm = 'json' | 'ndjson' | 'csv'

/** A page of callbacks as UTF-8. */
export interface PageText {
  readonly text: Uint8Array
  readonly rows: number
  readonly next: string | null
}

/** Numbers of one route over a window. */
export interface RouteSummary {
  readonly route: string
  readonly callbacks: number
  readonly failed: number
  readonly p50_ms: number | null
  readonly p95_ms: number | null
  readonly p99_ms: number | null
  readonly last_received_at: number | null
  readonly last_success_at: number | null
}

/** What came to one route in one stretch of time, and how much of it failed. */
export interface RouteStretch {
  readonly route: string
  /** Start of the stretch. */
  readonly at: number
  readonly callbacks: number
  readonly failed: number
}
