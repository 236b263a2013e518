import type { Attempt, Delivery } from '../../callback/attempt.ts'
import type { Exchange } from '../../callback/callback.ts'
import { RingbackError } from '../../errors.ts'
import { BatchWriter } from '../codec/batch-writer.ts'
import { canWait, encodeAttempt, encodeKept, encodeRefusal, encodeSettled } from '../codec/encode.ts'
import type { LedgerEvents, LedgerHealth, LedgerWriter, Refusal, Ticket } from '../ledger.ts'
import { CallDesk } from './call-desk.ts'
import type { Batch, BatchResult, Turn, TurnDone } from './protocol.ts'
import type { TakenJournal } from './recovery/taken-journal.ts'
import { SendTimer } from './send-timer.ts'
import { Waiters } from './waiters.ts'

export interface GroupWriterOptions {
  readonly events: LedgerEvents
  /** Most bytes of a reply that are handed to the writer thread. */
  readonly replyLimit: number
  /** Rows and bytes in memory above which rows are dropped; callbacks that may be rescued have twice the room. */
  readonly maxRows: number
  readonly maxBytes: number
  /** Told of every attempt that a target took, before its row waits for a commit. */
  readonly journal?: Pick<TakenJournal, 'note'> | undefined
}

/** Ticket of a row that was dropped because the queue is full. */
export const DROPPED: Ticket = -1
const RETRY_MS = 500
const SPARE_BATCHES = 2
const SPARE_BYTES = 1024 * 1024
/** A batch under which the writer thread ended this often is given up. */
const MAX_CRASHES = 3

interface Sent {
  readonly writer: BatchWriter
  readonly batch: Batch
  crashes: number
}

/**
 * The near side of the ledger's writing: rows become bytes at once and are sent as one batch when the batch before it
 * is committed. A batch that could not be written is kept and tried again before anything else, so order holds.
 */
export class GroupWriter implements LedgerWriter {
  readonly #options: GroupWriterOptions
  readonly #send: (turn: Turn) => void
  readonly #calls = new CallDesk()
  readonly #waiters = new Waiters()
  readonly #timer = new SendTimer(() => this.#sendNext())
  #open = new BatchWriter()
  readonly #spare: BatchWriter[] = []
  /** The batch that is with the writer, or waits to be tried again. */
  #sent: Sent | undefined
  #isBusy = false
  #isUp = true
  #retry: NodeJS.Timeout | undefined
  #lastTicket: Ticket = 0
  #committed: Ticket = 0
  #dropped = 0
  #problem = ''

  constructor(options: GroupWriterOptions, send: (turn: Turn) => void) {
    this.#options = options
    this.#send = send
  }

  keep(exchange: Exchange): Ticket {
    if (!this.#hasRoom(canWait(exchange))) return this.#drop()
    encodeKept(this.#open, exchange)
    return this.#added()
  }

  attempt(exchange: Exchange, attempt: Attempt): Ticket {
    if (attempt.outcome === 'ok') this.#options.journal?.note(exchange.callback.id, attempt)
    if (!this.#hasRoom(canWait(exchange))) return this.#drop()
    encodeAttempt(this.#open, exchange, attempt, this.#options.replyLimit)
    return this.#added()
  }

  settle(exchange: Exchange, delivery: Delivery): Ticket {
    if (!this.#hasRoom(canWait(exchange))) return this.#drop()
    encodeSettled(this.#open, exchange, delivery)
    return this.#added()
  }

  refuse(refusal: Refusal): Ticket {
    if (!this.#hasRoom(false)) return this.#drop()
    encodeRefusal(this.#open, refusal)
    return this.#added()
  }

  async durable(ticket: Ticket): Promise<void> {
    if (ticket === DROPPED) throw this.#error('too many rows wait to be written')
    if (ticket <= this.#committed) return
    if (this.#problem !== '') throw this.#error(this.#problem)
    const written = this.#waiters.wait(ticket)
    if (!this.#isBusy) this.#timer.urgent()
    await written
  }

  async flush(): Promise<void> {
    await this.durable(this.#lastTicket)
  }

  health(): LedgerHealth {
    return {
      isWritable: this.#problem === '',
      problem: this.#problem,
      queued: this.#lastTicket - this.#committed,
    }
  }

  /** Calls a store on the writer thread, after every row handed over so far. */
  async call(store: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const result = this.#calls.ask(store, method, args)
    if (!this.#isBusy) this.#timer.urgent()
    return result
  }

  /** The writer thread finished a turn. */
  done({ batch, results }: TurnDone): void {
    this.#isBusy = false
    this.#calls.settle(results)
    if (batch !== undefined) this.#batchDone(batch)
    this.#next()
  }

  /** The writer thread ended: what it had not acknowledged is sent again when a new one is up. */
  ended(problem: string): void {
    this.#isUp = false
    this.#isBusy = false
    this.#calls.rejectAll(problem)
    const sent = this.#sent
    if (sent === undefined || ++sent.crashes < MAX_CRASHES) return
    this.#giveUp(sent, `${problem}; these rows ended it ${MAX_CRASHES} times`)
  }

  restarted(): void {
    this.#isUp = true
    this.#sendNext()
  }

  /** After the last turn: whatever could not be written is lost. */
  close(): void {
    this.#timer.stop()
    clearTimeout(this.#retry)
    const rows = this.#lastTicket - this.#committed
    const problem = this.#problem === '' ? 'the ledger is closed' : this.#problem
    if (rows > 0) this.#options.events.failed(rows, problem)
    this.#waiters.rejectUpTo(this.#lastTicket, this.#error(problem))
    this.#calls.rejectAll(problem)
    this.#problem = 'the ledger is closed'
  }

  #hasRoom(mayBeRescued: boolean): boolean {
    const factor = mayBeRescued ? 2 : 1
    const rows = this.#lastTicket - this.#committed
    const bytes = this.#open.used + (this.#sent?.batch.used ?? 0)
    return rows < this.#options.maxRows * factor && bytes < this.#options.maxBytes * factor
  }

  #drop(): Ticket {
    this.#dropped++
    return DROPPED
  }

  #added(): Ticket {
    if (!this.#isBusy) this.#timer.background()
    return ++this.#lastTicket
  }

  #batchDone(result: BatchResult): void {
    const sent = this.#sent
    if (sent === undefined) return
    if (result.problem !== '') {
      this.#failed(sent, result)
      return
    }
    const { rows } = sent.batch
    this.#committed = sent.batch.first + rows - 1
    this.#problem = ''
    this.#recycle(sent)
    this.#options.events.committed(rows, result.seconds)
    this.#waiters.resolveUpTo(this.#committed, result.lost, () =>
      this.#error('the bytes of this callback are not in the ledger'),
    )
  }

  #failed(sent: Sent, { problem, canRetry }: BatchResult): void {
    if (!canRetry) {
      this.#giveUp(sent, problem)
      return
    }
    if (this.#problem === '') this.#options.events.failed(0, problem)
    this.#problem = problem
    this.#waiters.rejectUpTo(this.#lastTicket, this.#error(problem))
  }

  /** These rows cannot be written; those after them can. */
  #giveUp(sent: Sent, problem: string): void {
    this.#committed = sent.batch.first + sent.batch.rows - 1
    this.#recycle(sent)
    this.#options.events.failed(sent.batch.rows, problem)
    this.#waiters.rejectUpTo(this.#committed, this.#error(problem))
  }

  #recycle({ writer }: Sent): void {
    this.#sent = undefined
    if (this.#spare.length >= SPARE_BATCHES || writer.memory.byteLength > SPARE_BYTES) return
    writer.clear()
    this.#spare.push(writer)
  }

  #next(): void {
    this.#reportDropped()
    if (this.#calls.hasCalls || this.#waiters.isAny) this.#timer.urgent()
    else if (this.#sent !== undefined) this.#retry ??= setTimeout(() => this.#sendNext(), RETRY_MS)
    else if (this.#open.rows > 0) this.#timer.background()
  }

  #reportDropped(): void {
    if (this.#dropped === 0) return
    this.#options.events.failed(this.#dropped, 'too many rows wait to be written')
    this.#dropped = 0
  }

  #sendNext(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    if (this.#isBusy || !this.#isUp) return
    this.#sent ??= this.#takeOpen()
    const calls = this.#calls.take()
    if (this.#sent === undefined && calls.length === 0) return
    this.#isBusy = true
    this.#send({ batch: this.#sent?.batch, calls })
  }

  #takeOpen(): Sent | undefined {
    const writer = this.#open
    if (writer.rows === 0) return undefined
    this.#open = this.#spare.pop() ?? new BatchWriter()
    const { memory, used, rows } = writer
    const first = this.#lastTicket - rows + 1
    return { writer, batch: { bytes: memory, used, rows, first, sentAt: Date.now() }, crashes: 0 }
  }

  #error(problem: string): RingbackError {
    return new RingbackError('ledger', `the ledger could not be written: ${problem}`)
  }
}
