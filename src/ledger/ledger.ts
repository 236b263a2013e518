import type { Attempt, Delivery, RefusalReason } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import type { StreakRow } from '../callback/streak.ts'
import type {
  AttemptRow,
  CallbackDetail,
  CallbackFilter,
  CallbackRow,
  CallbackWithAttempts,
  Page,
  PageForm,
  PageText,
  RouteStretch,
  RouteSummary,
} from './rows.ts'

/** Number of a row in the order it was handed over; a commit makes every ticket up to its own durable. */
export type Ticket = number

/** A request that was not let in. Kept as one small row, without body; the number of such rows is bounded. */
export interface Refusal {
  readonly id: string
  readonly receivedAt: number
  /** Route id, or empty when no route matched. */
  readonly route: string
  readonly reason: RefusalReason
  readonly status: number
  readonly method: string
  /** Raw path, cut to 200 characters. */
  readonly path: string
  readonly peer: string
}

/**
 * The writing side. Calls return at once and never throw: rows are encoded, gathered and committed in groups
 * by the implementation. What was handed over in order is committed in order.
 */
export interface LedgerWriter {
  /** A callback was let in; from here on a crash leaves it in the ledger as `unknown`. Keeps the bytes until `settle`. */
  keep(exchange: Exchange): Ticket
  /** One attempt ended. */
  attempt(exchange: Exchange, attempt: Attempt): Ticket
  /**
   * What became of the callback. `rescued` keeps its bytes for later delivery and `dead` for people to decide; every
   * other result lets them go. The promise of `durable` for a rescued callback is kept only if its bytes are there.
   */
  settle(exchange: Exchange, delivery: Delivery): Ticket
  refuse(refusal: Refusal): Ticket
  /**
   * Resolves when the ticket would survive a power cut; rejects with a RingbackError when its rows could not be written
   * (they may still be, later). Asking is what makes a commit hurry: rows that nobody waits for take
   * up to 20 ms, or, secured, up to 40.
   */
  durable(ticket: Ticket): Promise<void>
  /**
   * Resolves when the row would survive a power cut, although it may not be readable yet: cheaper than `durable`. Rejects
   * as `durable` does, but says nothing of whether the bytes of a rescued callback are there.
   */
  secured(ticket: Ticket): Promise<void>
  /** Commits everything handed over so far. */
  flush(): Promise<void>
  health(): LedgerHealth
}

export interface LedgerHealth {
  readonly isWritable: boolean
  /** Why not, in words; empty when writable. */
  readonly problem: string
  /** Rows handed over and not yet committed. */
  readonly queued: number
}

/** What a ledger tells about its commits; fed to metrics. */
export interface LedgerEvents {
  committed(rows: number, seconds: number): void
  /** `rows` were lost; 0 when writing has stopped and everything still waits. */
  failed(rows: number, problem: string): void
}

/** One remembered signed request, so that the replay guard survives a restart. */
export interface GuardRow {
  readonly guard_key: string
  readonly body_hash: string
  readonly callback_id: string
  readonly result: string
  readonly answer_status: number
  readonly answer_content_type: string
  /** Bytes of an xml answer; undefined where only the status mattered. */
  readonly answer_body: Uint8Array | undefined
}

/** One event of a call that was told, so that the provider's own retries are known after a restart. */
export interface EventRow extends Omit<GuardRow, 'guard_key' | 'answer_content_type' | 'answer_body'> {
  readonly route: string
  readonly event: string
}

/** Some thousands of events, oldest first. */
export interface EventPage {
  /** As text; see stored/guard-text.ts. */
  readonly rows: string
  /** Id of the last one; '' when none was left. */
  readonly last: string
}

/** Some thousands of signed requests, oldest first. */
export interface GuardPage extends EventPage {
  /** What was answered where the body mattered. */
  readonly answers: readonly {
    readonly id: string
    readonly content_type: string
    readonly body: Uint8Array
  }[]
}

/** The reading side. Runs on its own connections, never on the thread that forwards. */
export interface LedgerReader {
  /** Newest first. */
  callbacks(filter: CallbackFilter): Promise<Page<CallbackRow>>
  /** The same as text, written where it is read: the thread that forwards only passes it on. */
  pageText(filter: CallbackFilter, form: PageForm): Promise<PageText>
  callback(id: string): Promise<CallbackDetail | undefined>
  attempts(id: string): Promise<readonly AttemptRow[]>
  /** Several callbacks in one read; what is not known, or was not let in, is left out. */
  withAttempts(ids: readonly string[]): Promise<readonly CallbackWithAttempts[]>
  /** Every callback of one call, oldest first. */
  call(callId: string): Promise<readonly CallbackRow[]>
  routes(sinceMs: number): Promise<readonly RouteSummary[]>
  /**
   * What came since a moment in stretches of a length (a whole number of minutes; of hours from one hour on),
   * oldest first; stretches in which nothing came are left out.
   */
  history(sinceMs: number, stepMs: number): Promise<readonly RouteStretch[]>
  /**
   * Signed requests among the newest `most` callbacks since a moment, page after page: `after` is the last id that was
   * told already, '' for none.
   */
  guards(sinceMs: number, most: number, after: string): Promise<GuardPage>
  /** The newest `most` notify callbacks since a moment that have a call id and repeat no other, page after page. */
  events(sinceMs: number, most: number, after: string): Promise<EventPage>
  streaks(): Promise<readonly StreakRow[]>
  counts(): Promise<{ readonly callbacks: number; readonly bytes: number }>
}

/** A per-call callback URL, registered by the admin API or captured. */
export interface Registration {
  /** Opaque, in the public path /c/{token}. */
  readonly token: string
  readonly account: string
  /** Call id, when it is known: callbacks of that call on the account's URL go here too. Empty otherwise. */
  readonly call_id: string
  /** Id of the route whose policy it has, for a URL that was captured; empty for one that was registered. */
  readonly route: string
  readonly target: string
  readonly fallback_target: string
  readonly method: string
  /** Long names of wanted events; empty means all. */
  readonly events: readonly string[]
  readonly created_at: number
  readonly expires_at: number
}

export interface Registrations {
  /** Resolves when durable. */
  add(registration: Registration): Promise<void>
  remove(token: string): Promise<boolean>
  /** All that have not expired. */
  list(nowMs: number): Promise<readonly Registration[]>
}

export interface Retention {
  /**
   * Deletes in small steps what arrived before a moment, and then the oldest until the ledger is no larger than it may be.
   * Resolves with the number of callbacks deleted.
   */
  prune(options: {
    readonly beforeMs: number
    readonly maxBytes: number
    readonly nowMs: number
  }): Promise<number>
}

/** The durable record. Every implementation passes test/contract/ledger.ts. */
export interface Ledger {
  readonly writer: LedgerWriter
  readonly reader: LedgerReader
  readonly registrations: Registrations
  readonly retention: Retention
  /** Commits what is left and ends the threads. */
  close(): Promise<void>
}
