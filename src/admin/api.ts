import type { Via } from '../callback/attempt.ts'
import type { Outcome } from '../callback/outcome.ts'
import type { Role as TargetRole, RouteScope } from '../callback/route.ts'
import type { FailureRow, IncidentRow, NotificationRow, SilenceRow } from '../ledger/alert-store.ts'
import type { AuditRow } from '../ledger/console-store.ts'
import type { DeadLetter } from '../ledger/rescue-queue.ts'
import type {
  AttemptRow,
  CallbackDetail,
  CallbackRow,
  MessageRow,
  Page,
  RouteSummary,
} from '../ledger/rows.ts'

// The JSON of the admin API, for the command line and the page. Types only: nothing here exists at run time.
// Names are snake_case, times milliseconds since the epoch, durations milliseconds.

export type { CallFinding, FindingName, ReconciliationView } from '../reconcile/report.ts'
export type { ChannelTest, RuleReport } from './alert-api.ts'
export type {
  ConfigurationView,
  ExplainRequest,
  ReloadResult,
  RouteExplanation,
  SettingView,
} from './configuration-views.ts'
export type { SignatureDiagnosis, SignatureDoctorRequest } from './signature-views.ts'
export type { MovedLetters, ReplayItem, ReplayRequest, ReplayView } from './replay-views.ts'
export type {
  Outcome,
  AuditRow,
  AttemptRow,
  CallbackDetail,
  CallbackRow,
  DeadLetter,
  FailureRow,
  IncidentRow,
  MessageRow,
  Page,
  RouteSummary,
  SilenceRow,
}

/** What a token may do; each role includes the ones before it. */
export type Role = 'read' | 'replay' | 'admin'

/** Who asks, as a page sees itself. */
export interface SessionView {
  /** False where no token is configured. */
  readonly needs_token: boolean
  /** Null while nobody is signed in. */
  readonly name: string | null
  readonly role: Role | null
}

/** One handler of a route, as it may be shown: without credentials. */
interface TargetView {
  readonly role: TargetRole
  readonly url: string
  /** Failures in a row, in logical callbacks. */
  readonly failures: number
  /** The circuit breaker is open: it is left alone but for probes. */
  readonly is_skipped: boolean
}

/** One route as it is in force. */
export interface RouteView {
  readonly id: string
  readonly scope: RouteScope
  readonly account: string | null
  /** What to paste at the provider; null where the public address is not known. */
  readonly public_url: string | null
  readonly targets: readonly TargetView[]
  /** Events that are forwarded; null means all. */
  readonly events: readonly string[] | null
  readonly kind: 'notify' | 'xml' | 'auto'
  readonly signature: 'enforce' | 'warn' | 'off'
  readonly method: 'GET' | 'POST' | null
  readonly deadline_ms: number
  /** Failures in a row of a target that fire the alert. */
  readonly alert_after: number
  readonly on_failure: 'rescue' | 'relay'
  readonly reply: 'handler' | 'ack'
}

/** A route with its numbers over a window; `summary` is null when nothing came in it. */
export interface RouteReport extends RouteView {
  readonly summary: RouteSummary | null
  /** The window in stretches of `step_ms`, oldest first, without a gap: what came and how much of it failed. */
  readonly history: readonly { readonly at: number; readonly callbacks: number; readonly failed: number }[]
}

export interface RouteList {
  readonly window_ms: number
  readonly step_ms: number
  readonly rows: readonly RouteReport[]
}

/** Every callback of one call, oldest first. */
export interface CallView {
  readonly call_id: string
  readonly callbacks: readonly CallbackRow[]
}

/** What a client sends to have the callbacks of one call delivered elsewhere. */
export interface CallRegistration {
  readonly account: string
  readonly call_id?: string | undefined
  readonly callback_url: string
  readonly fallback_callback_url?: string | undefined
  readonly callback_method?: 'GET' | 'POST' | undefined
  readonly callback_events?: string[] | undefined
  /** A duration such as `2h`; 24h when absent. */
  readonly expires_in?: string | undefined
}

export interface RegisteredCall {
  readonly token: string
  /** What to give the provider as the callback URL of the call. */
  readonly public_url: string
  readonly expires_at: number
}

/** A message to people about an incident, without its text. */
export type NotificationView = Omit<NotificationRow, 'message'>

/** One incident with the callbacks it hurt and what people were told. */
export interface IncidentDetail extends IncidentRow {
  /** In order of arrival, at most the first 1000. */
  readonly callback_ids: readonly string[]
  readonly notifications: readonly NotificationView[]
}

/** Is the daemon able to keep its promises? */
export interface HealthView {
  readonly is_ready: boolean
  /** Why not, in words; empty when ready. */
  readonly reasons: readonly string[]
}

export interface StatusView extends HealthView {
  readonly version: string
  readonly node: string
  readonly started_at: number
  /** What the provider dials; null where it is not set. */
  readonly public_url: string | null
  /** Where the public port listens, `HOST:PORT`. */
  readonly listen: string
  readonly config: {
    /** The file, or `trial configuration`. */
    readonly source: string
    readonly loaded_at: number
    /** What was wrong with the last reload; empty when it was taken over. */
    readonly problem: string
  }
  readonly ledger: {
    readonly store: string
    readonly is_writable: boolean
    readonly problem: string
    /** Rows handed over and not yet on disk. */
    readonly queued: number
    readonly callbacks: number
    readonly bytes: number
  }
  readonly routes: number
  readonly in_flight: number
  /** Processes that serve the public port; null where the daemon does it itself. */
  readonly workers: {
    readonly wanted: number
    readonly serving: number
    /** Of those that ended without being told to, since the start. */
    readonly lost: number
  } | null
  readonly alerts_firing: number
  readonly rescue: {
    readonly waiting: number
    readonly oldest_at: number | null
    readonly dead: number
  }
}

/** How the sample handler of the trial configuration behaves. */
export interface TrialView {
  readonly handler: 'healthy' | 'broken'
}

/** The ways of signing, as `dialects` of the configuration names them. */
export type DialectName =
  'timestamp' | 'v3' | 'v2' | 'ma-v3' | 'ma-v2' | 'trunk' | 'ndnc' | 'kyc' | 'whatsapp'

/** A signed callback that the daemon sends to its own public port. */
export interface TestCallbackRequest {
  readonly event: string
  readonly account?: string | undefined
  readonly application?: string | undefined
  readonly trunk?: string | undefined
  readonly dialect?: DialectName | undefined
  /** Fields of the body that replace the sample's. */
  readonly fields?: Readonly<Record<string, string>> | undefined
}

export interface TestCallbackResult {
  readonly url: string
  readonly call_id: string
  /** What the provider would have been told. */
  readonly status: number
  readonly ms: number
  readonly content_type: string
  readonly body: string
}

/** One attempt as the stream tells it: the ledger's row without the reply, plus what it belongs to. */
export interface AttemptEvent {
  readonly callback_id: string
  readonly route: string
  readonly event: string
  readonly call_id: string
  readonly number: number
  readonly target: TargetRole
  readonly url: string
  readonly via: Via
  readonly started_at: number
  readonly outcome: Outcome
  readonly status: number
  readonly total_ms: number | null
  readonly error: string
}

/** One callback as the stream tells it, when it was answered. */
export interface CallbackEvent {
  readonly id: string
  readonly received_at: number
  readonly route: string
  readonly event: string
  readonly call_id: string
  readonly kind: string
  readonly verdict: string
  readonly result: string
  readonly blame: string
  readonly answer_status: number
  readonly answer_ms: number
}

/**
 * Why events are left out: the client read too slowly, was away for more than an hour, missed more than is told again,
 * or came back with an id that is none.
 */
export type GapReason = 'slow' | 'too_old' | 'too_many' | 'unknown_id'

export interface GapEvent {
  readonly dropped: number | null
  readonly reason: GapReason
}

/** An event of `/api/v1/stream`. `gap` says how many were left out, null when nobody knows. */
export type StreamEvent =
  | { readonly type: 'attempt'; readonly at: number; readonly data: AttemptEvent }
  | { readonly type: 'callback'; readonly at: number; readonly data: CallbackEvent }
  | { readonly type: 'gap'; readonly at: number; readonly data: GapEvent }

/** An error, as RFC 9457 has it. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** One of Ringback's own codes, for programs. */
  readonly code: string
  /** What is wrong with the request, field by field. */
  readonly errors?: readonly { readonly field: string; readonly message: string }[]
}
