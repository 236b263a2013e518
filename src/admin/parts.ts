import type { Clock } from '../clock.ts'
import type { ChannelTest, DrillView, RuleReport } from './alert-api.ts'
import type {
  HandlingStore,
  IncidentStore,
  MarkerRow,
  NotificationStore,
  SilenceRow,
} from '../ledger/alert-store.ts'
import type { AuditFilter, AuditRow } from '../ledger/console-store.ts'
import type { LedgerReader, Registration } from '../ledger/ledger.ts'
import type { CallbackFilter } from '../ledger/rows.ts'
import type { Missed } from './resources/live/recent-events.ts'
import type { ReconciliationView } from '../reconcile/report.ts'
import type {
  ConfigurationView,
  DeadLetter,
  ExplainRequest,
  HealthView,
  ReloadResult,
  ReplayView,
  RouteExplanation,
  RouteView,
  SignatureDiagnosis,
  SignatureDoctorRequest,
  StatusView,
  StreamEvent,
  TestCallbackRequest,
  TestCallbackResult,
  TrialView,
} from './api.ts'

/** Per-call URLs that are live. */
interface CallRegistry {
  /**
   * Makes the URL live and durable; resolves with its public address.
   * Throws a RingbackError: `not_found` for an unknown account, `not_allowed` for a target that must not be dialled.
   */
  register(registration: Registration): Promise<string>
  /** False when there was none. */
  remove(token: string): Promise<boolean>
}

/** One change that was asked for over the admin port, before it is kept. */
export type AuditEntry = Omit<AuditRow, 'id'>

/** The changes that were asked for. */
interface AuditLog {
  /** Never throws or waits. */
  add(entry: AuditEntry): void
  /** Newest first. */
  list(filter: AuditFilter): Promise<readonly AuditRow[]>
}

/** Which dead letters: these, all of a route, or all. */
interface DeadSelection {
  readonly ids?: readonly string[] | undefined
  readonly route?: string | undefined
}

/** Callbacks that were given up. */
interface DeadLetters {
  deadLetters(filter: {
    readonly route?: string | undefined
    readonly limit: number
    readonly after?: string | undefined
  }): Promise<readonly DeadLetter[]>
  /** Resolves with the ids that wait again. */
  requeue(selection: DeadSelection, reason: string): Promise<readonly string[]>
  /** Resolves with the ids whose bytes were deleted. */
  discard(selection: DeadSelection, reason: string): Promise<readonly string[]>
}

/** What is to be replayed, checked. */
export interface ReplayOrder {
  readonly ids?: readonly string[] | undefined
  readonly incident?: string | undefined
  readonly filter?: Omit<CallbackFilter, 'limit' | 'after'> | undefined
  readonly includeDelivered: boolean
  readonly rate: number
  readonly abortAfter: number
  readonly reason: string
}

/** Sets of callbacks that are brought to their handlers once more. `plan` and `start` reject with `not_found` for an unknown incident. */
interface Replays {
  plan(order: ReplayOrder): Promise<ReplayView>
  start(order: ReplayOrder): Promise<ReplayView>
  list(): Promise<readonly ReplayView[]>
  get(id: string): Promise<ReplayView | undefined>
  cancel(id: string): Promise<ReplayView | undefined>
}

/** Call records of the provider, held against the ledger. */
interface Reconciliation {
  report(): ReconciliationView
  /** Reads them now; resolves when that is done. */
  run(): Promise<void>
}

/** What people do about alerts. */
interface Alerting {
  /** Resolves when it is kept, or waits for a ledger that cannot be written now. False when it is not open. */
  acknowledge(
    id: string,
    ack: { readonly by: string; readonly comment: string; readonly until: number },
  ): Promise<boolean>
  silence(silence: SilenceRow): Promise<void>
  /** False when there is none. */
  endSilence(id: string, at: number): Promise<boolean>
  mark(marker: MarkerRow): Promise<void>
  explain(route: string): readonly RuleReport[]
  /** Empty when there is no such channel. */
  test(channel: string | undefined): Promise<readonly ChannelTest[]>
}

/** Proofs that alerts reach everybody. */
interface DrillDesk {
  /** Starts one, or gives the one that is under way. */
  start(by: string): DrillView
  /** Newest first. */
  list(): readonly DrillView[]
  get(id: string): DrillView | undefined
}

/** Everything that the admin port shows or sets in motion. Reads may reject; they are answered with 503. */
export interface AdminParts {
  readonly clock: Clock
  readonly reader: Pick<
    LedgerReader,
    'callbacks' | 'pageText' | 'callback' | 'attempts' | 'withAttempts' | 'call' | 'routes' | 'history'
  >
  readonly calls: CallRegistry
  readonly rescue: DeadLetters
  readonly replays: Replays
  readonly reconciliation: Reconciliation
  readonly routes: () => readonly RouteView[]
  readonly health: () => HealthView
  readonly status: () => Promise<StatusView>
  readonly incidents: Pick<IncidentStore, 'incidents' | 'incident' | 'incidentCallbacks'> &
    Pick<NotificationStore, 'notifications'> &
    Pick<HandlingStore, 'silences' | 'markers'>
  readonly alerting: Alerting
  readonly drills: DrillDesk
  /** The exposition in pieces; sent as they come, because the whole may be tens of megabytes. */
  readonly metricsText: () => AsyncIterable<string>
  /** Its media type. */
  readonly metricsType: string
  /** Throws a RingbackError `config` that names file and line when the new file is not usable. */
  readonly reload: (isDryRun: boolean) => Promise<ReloadResult>
  readonly configuration: () => ConfigurationView
  /** Rejects with a RingbackError `not_found` for an unknown callback, `usage` for a text that is no request. */
  readonly diagnoseSignature: (request: SignatureDoctorRequest) => Promise<SignatureDiagnosis>
  /** Rejects with a RingbackError `not_found` for an unknown callback, `usage` for a path that is none. */
  readonly explainRoute: (request: ExplainRequest) => Promise<RouteExplanation>
  /** The sample handler inside the process; undefined unless the trial configuration runs. */
  readonly trial:
    | { readonly mode: () => TrialView['handler']; readonly setMode: (mode: TrialView['handler']) => void }
    | undefined
  readonly testCallback: (request: TestCallbackRequest) => Promise<TestCallbackResult>
  /** Calls the listener at once for every event; the result ends that. A listener never throws or waits. */
  readonly subscribe: (listener: (event: StreamEvent) => void) => () => void
  /** What was told after the event with this id, as far as it is remembered. */
  readonly toldAfter: (eventId: string) => Missed
  /** Resolves when the reader sees everything that was told; rejects when it cannot be written. */
  readonly caughtUp: () => Promise<void>
  readonly audit: AuditLog
  /** An error nobody foresaw, met while answering. */
  readonly failed: (error: unknown, action: string) => void
}
