import type { Attempt, Delivery } from '../../callback/attempt.ts'
import type { Exchange } from '../../callback/callback.ts'
import { RingbackError } from '../../errors.ts'
import { canWait, encodeAttempt, encodeKept, encodeRefusal, encodeSettled } from '../codec/encode.ts'
import type { LedgerEvents, LedgerHealth, LedgerWriter, Refusal, Ticket } from '../ledger.ts'
import { CallDesk } from './call-desk.ts'
import { OpenBatch, type Sent } from './open-batch.ts'
import type { BatchResult, SecuringResult, Turn, TurnDone } from './protocol.ts'
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
  /** False where the writer cannot secure rows before it commits their batch: then securing is committing. */
  readonly canSecure?: boolean
  /** Told of every attempt that a target took, before its row waits for a commit. */
  readonly journal?: Pick<TakenJournal, 'note'> | undefined
}

/** Ticket of a row that was dropped because the queue is full. */
export const DROPPED: Ticket = -1
const RETRY_MS = 500
/** A batch under which the writer thread ended this often is given up. */
const MAX_CRASHES = 3

/**
 * The near side of the ledger's writing: rows become bytes at once and are sent as one batch when the batch before it
 * is committed. A batch that could not be written is kept and tried again before anything else, so order holds. Rows
 * that only have to outlive a crash are secured while their batch is still being filled.
 */
export class GroupWriter implements LedgerWriter {
  readonly #options: GroupWriterOptions
  readonly #send: (turn: Turn) => void
  readonly #calls = new CallDesk()
  readonly #waiters = new Waiters()
  readonly #securers = new Waiters()
  readonly #timer = new SendTimer(() => {
    this.#isDue = true
    this.#sendNext()
  })
  readonly #securing = new SendTimer(() => this.#sendNext())
  readonly #open = new OpenBatch()
  /** The batch that is with the writer, or waits to be tried again. */
  #sent: Sent | undefined
  #isBusy = false
  /** The open batch is to be sent as soon as the writer is free. */
  #isDue = false
  #isUp = true
  #retry: NodeJS.Timeout | undefined
  #committed: Ticket = 0
  #dropped = 0
  #problem = ''

  constructor(options: GroupWriterOptions, send: (turn: Turn) => void) {
    this.#options = options
    this.#send = send
  }

  keep(exchange: Exchange): Ticket {
    if (!this.#hasRoom(canWait(exchange))) return this.#drop()
    encodeKept(this.#open.writer, exchange)
    return this.#added()
  }

  attempt(exchange: Exchange, attempt: Attempt): Ticket {
    if (attempt.outcome === 'ok') this.#options.journal?.note(exchange.callback.id, attempt)
    if (!this.#hasRoom(canWait(exchange))) return this.#drop()
    encodeAttempt(this.#open.writer, exchange, attempt, this.#options.replyLimit)
    return this.#added()
  }

  settle(exchange: Exchange, delivery: Delivery): Ticket {
    if (!this.#hasRoom(canWait(exchange))) return this.#drop()
    encodeSettled(this.#open.writer, exchange, delivery)
    return this.#added()
  }

  refuse(refusal: Refusal): Ticket {
    if (!this.#hasRoom(false)) return this.#drop()
    encodeRefusal(this.#open.writer, refusal)
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

  async secured(ticket: Ticket): Promise<void> {
    if (this.#options.canSecure === false) return this.durable(ticket)
    if (ticket === DROPPED) throw this.#error('too many rows wait to be written')
    if (ticket <= this.#committed) return
    if (this.#problem !== '') throw this.#error(this.#problem)
    const secured = this.#securers.wait(ticket)
    if (!this.#isBusy) this.#securing.urgent()
    await secured
  }

  async flush(): Promise<void> {
    await this.durable(this.#open.last)
  }

  health(): LedgerHealth {
    return {
      isWritable: this.#problem === '',
      problem: this.#problem,
      queued: this.#open.last - this.#committed,
    }
  }

  /** Calls a store on the writer thread, after every row handed over so far. */
  async call(store: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const result = this.#calls.ask(store, method, args)
    if (!this.#isBusy) this.#timer.urgent()
    return result
  }

  /** The writer thread finished a turn. */
  done({ securing, batch, results }: TurnDone): void {
    this.#isBusy = false
    if (securing !== undefined) this.#securingDone(securing)
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
    this.#isDue = true // what was with the thread to be secured goes with its batch
    this.#sendNext()
  }

  /** After the last turn: whatever could not be written is lost. */
  close(): void {
    this.#timer.stop()
    this.#securing.stop()
    clearTimeout(this.#retry)
    const rows = this.#open.last - this.#committed
    const problem = this.#problem === '' ? 'the ledger is closed' : this.#problem
    if (rows > 0) this.#options.events.failed(rows, problem)
    this.#rejectUpTo(this.#open.last, problem)
    this.#calls.rejectAll(problem)
    this.#problem = 'the ledger is closed'
  }

  #hasRoom(mayBeRescued: boolean): boolean {
    const factor = mayBeRescued ? 2 : 1
    const rows = this.#open.last - this.#committed
    const bytes = this.#open.bytes + (this.#sent?.batch.used ?? 0)
    return rows < this.#options.maxRows * factor && bytes < this.#options.maxBytes * factor
  }

  #drop(): Ticket {
    this.#dropped++
    return DROPPED
  }

  #added(): Ticket {
    if (!this.#isBusy) this.#timer.background()
    return this.#open.added()
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
    this.#sent = undefined
    this.#open.recycle(sent)
    this.#options.events.committed(rows, result.seconds)
    this.#securers.resolveUpTo(this.#committed)
    this.#waiters.resolveUpTo(this.#committed, result.lost, () =>
      this.#error('the bytes of this callback are not in the ledger'),
    )
  }

  #securingDone({ seconds, problem }: SecuringResult): void {
    if (problem === '') {
      this.#options.events.committed(0, seconds)
      this.#securers.resolveUpTo(this.#open.securedTo)
      return
    }
    this.#isDue = true // whether it lasts, the batch itself finds out
    if (this.#problem === '') this.#options.events.failed(0, problem)
    this.#problem = problem
    this.#rejectUpTo(this.#open.last, problem)
  }

  #rejectUpTo(ticket: Ticket, problem: string): void {
    const error = this.#error(problem)
    this.#waiters.rejectUpTo(ticket, error)
    this.#securers.rejectUpTo(ticket, error)
  }

  #failed(sent: Sent, { problem, canRetry }: BatchResult): void {
    if (!canRetry) {
      this.#giveUp(sent, problem)
      return
    }
    if (this.#problem === '') this.#options.events.failed(0, problem)
    this.#problem = problem
    this.#rejectUpTo(this.#open.last, problem)
  }

  /** These rows cannot be written; those after them can. */
  #giveUp(sent: Sent, problem: string): void {
    this.#committed = sent.batch.first + sent.batch.rows - 1
    this.#sent = undefined
    this.#open.recycle(sent)
    this.#options.events.failed(sent.batch.rows, problem)
    this.#rejectUpTo(this.#committed, problem)
  }

  #next(): void {
    this.#reportDropped()
    if (this.#calls.hasCalls || this.#waiters.isAny) this.#timer.urgent()
    else if (this.#sent !== undefined) this.#retry ??= setTimeout(() => this.#sendNext(), RETRY_MS)
    else if (this.#isDue) this.#sendNext()
    else {
      if (!this.#open.isEmpty) this.#timer.background()
      if (this.#securers.isAny) this.#securing.urgent()
    }
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
    if (this.#mayOnlySecure()) {
      this.#secureOpen()
      return
    }
    this.#isDue = false
    this.#sent ??= this.#open.take()
    const calls = this.#calls.take()
    if (this.#sent === undefined && calls.length === 0) return
    this.#isBusy = true
    this.#send({ batch: this.#sent?.batch, calls })
  }

  #mayOnlySecure(): boolean {
    if (this.#isDue || this.#sent !== undefined || this.#problem !== '') return false
    return !this.#calls.hasCalls && !this.#waiters.isAny
  }

  #secureOpen(): void {
    const securing = this.#securers.isAny ? this.#open.takeToSecure() : undefined
    if (securing === undefined) return
    this.#isBusy = true
    this.#send({ securing, batch: undefined, calls: [] })
  }

  #error(problem: string): RingbackError {
    return new RingbackError('ledger', `the ledger could not be written: ${problem}`)
  }
}
