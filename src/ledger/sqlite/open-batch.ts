import { BatchWriter } from '../codec/batch-writer.ts'
import type { Ticket } from '../ledger.ts'
import type { Batch, Securing } from './protocol.ts'

const SPARE_BATCHES = 2
const SPARE_BYTES = 1024 * 1024

/** A batch that left, with the memory that it is in. */
export interface Sent {
  readonly writer: BatchWriter
  readonly batch: Batch
  crashes: number
}

/** The batch that is being filled, and the tickets of its rows. */
export class OpenBatch {
  #writer = new BatchWriter()
  readonly #spare: BatchWriter[] = []
  #last: Ticket = 0
  /** The last row that was taken to be secured, and where it ends. */
  #securedTo: Ticket = 0
  #securedBytes = 0

  /** What the next row is written into; `added` tells that it is whole. */
  get writer(): BatchWriter {
    return this.#writer
  }

  get bytes(): number {
    return this.#writer.used
  }

  get isEmpty(): boolean {
    return this.#writer.rows === 0
  }

  /** Ticket of the newest row. */
  get last(): Ticket {
    return this.#last
  }

  /** Ticket of the newest row that was taken to be secured. */
  get securedTo(): Ticket {
    return this.#securedTo
  }

  added(): Ticket {
    return ++this.#last
  }

  /** Ends the batch and begins a new one; undefined when it holds nothing. */
  take(): Sent | undefined {
    const writer = this.#writer
    if (writer.rows === 0) return undefined
    this.#writer = this.#spare.pop() ?? new BatchWriter()
    this.#securedTo = this.#last
    this.#securedBytes = 0
    const { memory, used, rows } = writer
    const first = this.#last - rows + 1
    return { writer, batch: { bytes: memory, used, rows, first, sentAt: Date.now() }, crashes: 0 }
  }

  /** The rows that were not taken to be secured before; undefined when there are none. The batch stays open. */
  takeToSecure(): Securing | undefined {
    const rows = this.#last - this.#securedTo
    if (rows === 0) return undefined
    const { memory, used } = this.#writer
    const start = this.#securedBytes
    this.#securedTo = this.#last
    this.#securedBytes = used
    return { bytes: memory, start, end: used, rows }
  }

  /** Takes the memory of a batch back that is committed or given up. */
  recycle({ writer }: Sent): void {
    if (this.#spare.length >= SPARE_BATCHES || writer.memory.byteLength > SPARE_BYTES) return
    writer.clear()
    this.#spare.push(writer)
  }
}
