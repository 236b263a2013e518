import type { Attempt, DeliveryResult, RefusalReason } from '../callback/attempt.ts'
import type { Blame } from '../callback/blame.ts'
import type { Role, Route } from '../callback/route.ts'

/** What a callback was counted as on arrival; a metric label. */
export type ReceivedVerdict = 'verified' | 'warned' | 'unchecked' | 'repeated' | RefusalReason

/** Everything that is counted. Calls are cheap (no label hashing), synchronous, and never throw. */
export interface Metrics {
  /** `route` is undefined when no route matched. */
  received(route: Route | undefined, event: string, verdict: ReceivedVerdict): void
  signatureFailed(route: Route | undefined, reason: RefusalReason): void
  /** The id of the callback becomes an exemplar, where those are asked for. */
  attempted(route: Route, attempt: Attempt, callbackId?: string): void
  settled(route: Route, result: DeliveryResult): void
  /** What the provider saw. */
  answered(route: Route | undefined, status: number, seconds: number, callbackId?: string): void
  deadlineMissed(route: Route, blame: Blame): void
  inFlight(change: 1 | -1): void
  streak(routeId: string, target: string, failures: number): void
  alertFiring(routeId: string, rule: string, isFiring: boolean): void
  notified(channel: string, kind: string, result: string, seconds: number): void
  ledgerCommitted(rows: number, seconds: number): void
  ledgerFailed(rows: number): void
  /** The call records of an account were read, or could not be. */
  reconciled(reading: Reconciled): void
  /** A commit that was not waited for any longer. */
  commitWasLate(): void
  /** A worker ended that nobody told to. */
  workerLost(): void
  reloaded(ok: boolean): void
  /** Pre-sets every series of these routes to zero, and forgets the series of routes that are gone. */
  setRoutes(routes: readonly Route[]): void
  /** Values that are read at scrape time instead of being pushed; a later call adds its sources to the earlier ones. */
  setGauges(read: Partial<GaugeSources>): void
  /** Of `text` and `chunks`. */
  readonly contentType: string
  /** Prometheus text format 0.0.4, or OpenMetrics 1.0 where exemplars are asked for, whole. For thousands of routes that is tens of megabytes: send `chunks` instead. */
  text(): Promise<string>
  /** The same text in pieces; between them callbacks are let through, so a scrape never blocks for long. */
  chunks(): AsyncIterable<string>
}

/** One reading of the call records of an account. */
export interface Reconciled {
  readonly account: string
  /** Milliseconds since the epoch; null when none was ever read to the end. */
  readonly succeeded_at: number | null
  /** Empty when this reading succeeded. */
  readonly problem: string
  /** By finding, and `ok`. */
  readonly calls: Readonly<Record<string, number>>
}

export interface GaugeSources {
  rescueQueue(): readonly {
    readonly route: string
    readonly length: number
    readonly oldestAt: number
    readonly dead: number
  }[]
  outboxOldestAt(): number | undefined
  workers(): WorkerCounts
  targets(): Iterable<TargetState>
}

/** Processes that serve the public port. */
export interface WorkerCounts {
  readonly wanted: number
  readonly serving: number
}

/** What forwarding knows of one target of a route. */
export interface TargetState {
  readonly route: string
  readonly target: Role
  readonly origin: string
  /** Skipped because it kept failing. */
  readonly isBreakerOpen: boolean
  /** When the certificate that it last showed expires, milliseconds since the epoch; undefined when none was seen. */
  readonly certificateExpiresAt: number | undefined
}
