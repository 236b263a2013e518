import type { Ticket } from '../ledger.ts'

// What the threads say to each other. Rows travel as bytes in shared memory, so that nothing is cloned and a batch
// can be sent again when the writer dies under it.

/** Rows in the form of codec/batch-writer.ts, with consecutive tickets. */
export interface Batch {
  readonly bytes: SharedArrayBuffer
  readonly used: number
  readonly rows: number
  /** Ticket of the first row. */
  readonly first: Ticket
  /** Wall clock of the moment it was sent, milliseconds. */
  readonly sentAt: number
}

export interface Call {
  readonly id: number
  readonly store: string
  readonly method: string
  readonly args: readonly unknown[]
}

/** One turn of the writer: a batch, or calls, in order. */
export interface Turn {
  readonly batch: Batch | undefined
  readonly calls: readonly Call[]
}

export interface CallResult {
  readonly id: number
  readonly value?: unknown
  /** Why the call failed; undefined when it succeeded. */
  readonly problem?: string
}

export interface BatchResult {
  readonly seconds: number
  /** Tickets whose promise cannot be kept although the batch was committed: a rescue without its bytes. */
  readonly lost: readonly Ticket[]
  /** Why the batch was not committed; empty when it was. */
  readonly problem: string
  /** The same batch may succeed later: the disk was full, the file locked … */
  readonly canRetry: boolean
}

export interface TurnDone {
  readonly batch: BatchResult | undefined
  readonly results: readonly CallResult[]
}

/** First word of a thread. */
export interface Ready {
  readonly isReady: true
  /** Names of the hosted stores and of their methods. */
  readonly stores: Readonly<Record<string, readonly string[]>>
  readonly setAside?: SetAside | undefined
  /** Of the ledger, once what a process before left was taken in; only where rows are secured. */
  readonly position?: LedgerPosition | undefined
}

/** Which batches are in a ledger: those of the session that wrote last, up to a ticket, and all of those before it. */
export interface LedgerPosition {
  readonly session: string
  readonly ticket: Ticket
}

/** Rows that an earlier process secured and that cannot be committed. */
export interface SetAside {
  readonly rows: number
  /** Why, and where they are now. */
  readonly problem: string
}

/** Instead of Ready: the thread could not open the file, and ends. */
export interface Refused {
  readonly isReady: false
  readonly problem: string
}

/** What a thread is started with. */
export interface WriterData {
  readonly path: string
  /** Tells this process's batches from those of an earlier one. */
  readonly session: string
  /** True for the first writer of a process: callbacks cut off by a crash are settled before anything else. */
  readonly isFirst: boolean
  readonly bodies: 'full' | 'redacted' | 'none'
  readonly bodyLimit: number
  readonly refusalLimit: number
  readonly replayWindowMs: number
}

export interface ReaderData {
  readonly path: string
}
