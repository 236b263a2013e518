import { BatchWriter } from '../codec/batch-writer.ts'
import type { Ticket } from '../ledger.ts'
import type { Batch } from './protocol.ts'

/**
 * A batch has no more than this: what waits behind it waits for some 20 ms, and neither thread ever holds more than a
 * few megabytes of rows under way, however many came at once.
 */
const MOST_ROWS = 1500
const MOST_BYTES = 1024 * 1024
/** One that is being filled, one that is under way. */
const SPARE_BATCHES = 2
/** A full batch, and a record on top of it. */
const SPARE_BYTES = 4 * MOST_BYTES

/** A batch that left, with the memory that it is in. */
export interface Sent {
  readonly writer: BatchWriter
  readonly batch: Batch
  crashes: number
}

/** Rows that are to outlive a crash before their batch is committed. */
export interface Securing {
  readonly bytes: SharedArrayBuffer
  /** Of the bytes, those from `start` up to `end`: whole rows of one batch that were not secured before. */
  readonly start: number
  readonly end: number
  readonly rows: number
  /** Ticket of the last of them. */
  readonly last: Ticket
}

/** Ticket of the last row of a batch. */
export function lastOf({ first, rows }: Batch): Ticket {
  return first + rows - 1
}

/** Rows that were not sent yet, in batches: all but the newest are full. And the tickets of the rows. */
export class OpenBatch {
  #writer = new BatchWriter()
  readonly #full: { readonly writer: BatchWriter; readonly first: Ticket }[] = []
  #fullBytes = 0
  readonly #spare: BatchWriter[] = []
  #last: Ticket = 0
  /** Of batches that take no more rows and are not committed. */
  #unsecured: Securing[] = []
  /** Rows up to here are committed or given up. */
  #settledTo: Ticket = 0
  /** The last row that was taken to be secured, and where it ends. */
  #securedTo: Ticket = 0
  #securedBytes = 0

  /** What the next row is written into; `added` tells that it is whole. */
  get writer(): BatchWriter {
    return this.#writer
  }

  get bytes(): number {
    return this.#writer.used + this.#fullBytes
  }

  get rows(): number {
    return this.#full.reduce((sum, { writer }) => sum + writer.rows, this.#writer.rows)
  }

  /** Are some of the newest rows taken to be secured already? */
  get isSecured(): boolean {
    return this.#securedBytes > 0
  }

  get isEmpty(): boolean {
    return this.#writer.rows === 0 && !this.hasFull
  }

  /** There is a batch that takes no more rows. */
  get hasFull(): boolean {
    return this.#full.length > 0
  }

  /** Ticket of the newest row. */
  get last(): Ticket {
    return this.#last
  }

  added(): Ticket {
    this.#last++
    const { rows, used } = this.#writer
    if (rows >= MOST_ROWS || used >= MOST_BYTES) {
      this.#full.push(this.#close())
      this.#fullBytes += used
    }
    return this.#last
  }

  /** The oldest batch, which takes no more rows; undefined when there are no rows. */
  take(): Sent | undefined {
    if (this.isEmpty) return undefined
    const full = this.#full.shift()
    const { writer, first } = full ?? this.#close()
    const { memory, used, rows } = writer
    if (full !== undefined) this.#fullBytes -= used
    return { writer, batch: { bytes: memory, used, rows, first, sentAt: Date.now() }, crashes: 0 }
  }

  /** The oldest rows of one batch that were not taken to be secured before; undefined when there are none. */
  takeToSecure(): Securing | undefined {
    return this.#unsecured.shift() ?? this.#takeNewest()
  }

  /** Rows that were taken and could not be secured: they go first the next time, unless their batch was faster. */
  putBack(securing: Securing): void {
    if (securing.last > this.#settledTo) this.#unsecured.unshift(securing)
  }

  #takeNewest(): Securing | undefined {
    const rows = this.#last - this.#securedTo
    if (rows === 0) return undefined
    const { memory, used } = this.#writer
    const start = this.#securedBytes
    this.#securedTo = this.#last
    this.#securedBytes = used
    return { bytes: memory, start, end: used, rows, last: this.#last }
  }

  /** Takes the memory of a batch back that is committed or given up. */
  recycle({ writer, batch }: Sent): void {
    this.#settledTo = lastOf(batch)
    this.#unsecured = this.#unsecured.filter(({ last }) => last > this.#settledTo)
    if (this.#spare.length >= SPARE_BATCHES || writer.memory.byteLength > SPARE_BYTES) return
    writer.clear()
    this.#spare.push(writer)
  }

  #close(): { readonly writer: BatchWriter; readonly first: Ticket } {
    const writer = this.#writer
    const unsecured = this.#takeNewest()
    if (unsecured !== undefined) this.#unsecured.push(unsecured)
    this.#writer = this.#spare.pop() ?? new BatchWriter()
    this.#securedBytes = 0
    return { writer, first: this.#last - writer.rows + 1 }
  }
}
