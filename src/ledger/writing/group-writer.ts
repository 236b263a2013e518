import type { Attempt, Delivery } from '../../callback/attempt.ts'
import type { Exchange } from '../../callback/callback.ts'
import { RingbackError } from '../../errors.ts'
import { canWait, encodeAttempt, encodeKept, encodeRefusal, encodeSettled } from '../codec/encode.ts'
import type { LedgerEvents, LedgerHealth, LedgerWriter, Refusal, Ticket } from '../ledger.ts'
import { lastOf, type Sent } from './open-batch.ts'
import type { BatchResult, Turn, TurnDone } from './protocol.ts'
import { type Securer, SecuringLane, type SecuringResult } from './securing-lane.ts'
import type { TakenJournal } from '../sqlite/recovery/taken-journal.ts'
import { TurnQueue } from './turn-queue.ts'
import { Waiters } from './waiters.ts'

export interface GroupWriterOptions {
  readonly events: LedgerEvents
  /** Most bytes of a reply that are handed to the writer thread. */
  readonly replyLimit: number
  /** Rows and bytes in memory above which rows are dropped; callbacks that may be rescued have twice the room, refusals a tenth. */
  readonly maxRows: number
  readonly maxBytes: number
  /** Undefined where rows cannot be secured before their batch is committed: then securing is committing. */
  readonly securer?: Securer | undefined
  /** Told of every attempt that a target took, before its row waits for a commit. */
  readonly journal?: Pick<TakenJournal, 'note'> | undefined
}

/** Ticket of a row that was dropped because the queue is full. */
export const DROPPED: Ticket = -1
/** A flood of requests that are refused must not take the room of callbacks: it is counted, and written as far as there is time. */
const REFUSALS_SHARE = 0.1
/** A batch under which the writer thread ended this often is given up. */
const MAX_CRASHES = 3

/**
 * The near side of the ledger's writing: rows become bytes at once and are sent in batches. A batch that could not be
 * written is kept and tried again before anything else, so order holds. Rows that only have to outlive a crash are
 * secured while their batch is still being filled.
 */
export class GroupWriter implements LedgerWriter {
  readonly #options: GroupWriterOptions
  readonly #waiters = new Waiters()
  readonly #securers = new Waiters()
  readonly #turns: TurnQueue
  readonly #securing: SecuringLane | undefined
  #committed: Ticket = 0
  #dropped = 0
  #problem = ''

  constructor(options: GroupWriterOptions, send: (turn: Turn) => void) {
    this.#options = options
    const { securer } = options
    this.#turns = new TurnQueue({
      send,
      waiting: () => ({ isForCommit: this.#waiters.isAny, isFailing: this.#problem !== '' }),
      secure: () => this.#securing?.due(),
    })
    this.#securing =
      securer &&
      new SecuringLane({
        open: this.#turns.open,
        securer,
        isWanted: () => this.#securers.isAny,
        done: (result) => this.#securingDone(result),
      })
  }

  keep(exchange: Exchange): Ticket {
    if (!this.#hasRoom(shareOf(exchange))) return this.#drop()
    encodeKept(this.#turns.open.writer, exchange)
    return this.#turns.added()
  }

  attempt(exchange: Exchange, attempt: Attempt): Ticket {
    if (attempt.outcome === 'ok') this.#options.journal?.note(exchange.callback.id, attempt)
    if (!this.#hasRoom(shareOf(exchange))) return this.#drop()
    encodeAttempt(this.#turns.open.writer, exchange, attempt, this.#options.replyLimit)
    return this.#turns.added()
  }

  settle(exchange: Exchange, delivery: Delivery): Ticket {
    if (!this.#hasRoom(shareOf(exchange))) return this.#drop()
    encodeSettled(this.#turns.open.writer, exchange, delivery)
    return this.#turns.added()
  }

  refuse(refusal: Refusal): Ticket {
    if (!this.#hasRoom(REFUSALS_SHARE)) return DROPPED
    encodeRefusal(this.#turns.open.writer, refusal)
    return this.#turns.added()
  }

  async durable(ticket: Ticket): Promise<void> {
    if (ticket === DROPPED) throw this.#error('too many rows wait to be written')
    if (ticket <= this.#committed) return
    if (this.#problem !== '') throw this.#error(this.#problem)
    const written = this.#waiters.wait(ticket)
    this.#turns.hurry()
    await written
  }

  // Not async: of what every callback waits for with durability `full`, each promise more is a burden.
  secured(ticket: Ticket): Promise<void> {
    if (this.#securing === undefined) return this.durable(ticket)
    if (ticket === DROPPED) return Promise.reject(this.#error('too many rows wait to be written'))
    if (ticket <= this.#committed) return Promise.resolve()
    if (this.#problem !== '') return Promise.reject(this.#error(this.#problem))
    const secured = this.#securers.wait(ticket)
    this.#securing.hurry()
    return secured
  }

  async flush(): Promise<void> {
    await this.durable(this.#turns.open.last)
  }

  health(): LedgerHealth {
    return {
      isWritable: this.#problem === '',
      problem: this.#problem,
      queued: this.#queued,
    }
  }

  /** Calls a store on the writer thread, by default after every row handed over so far. */
  async call(
    store: string,
    method: string,
    args: readonly unknown[],
    after = this.#turns.open.last,
  ): Promise<unknown> {
    return this.#turns.call(store, method, args, after)
  }

  /** The writer thread finished a turn. */
  done({ batch, results }: TurnDone): void {
    this.#turns.over(results)
    if (batch !== undefined) this.#batchDone(batch)
    this.#reportDropped()
    this.#turns.next()
  }

  /** The writer thread ended: what it had not acknowledged is sent again when a new one is up. */
  ended(problem: string): void {
    this.#turns.ended(problem)
    const { sent } = this.#turns
    if (sent === undefined || ++sent.crashes < MAX_CRASHES) return
    this.#giveUp(sent, `${problem}; these rows ended it ${MAX_CRASHES} times`)
  }

  /** The writer thread stays away for now: nobody waits for it without being told. */
  couldNotRestart(problem: string): void {
    this.#turns.ended(problem) // calls that were asked since
    this.#fails(problem)
    this.#reportDropped()
  }

  restarted(): void {
    this.#clearWhereNothingWaits()
    this.#turns.restarted()
  }

  /** After the last turn: whatever could not be written is lost. */
  close(): void {
    const problem = this.#problem === '' ? 'the ledger is closed' : this.#problem
    if (this.#queued > 0) this.#options.events.failed(this.#queued, problem)
    this.#reportDropped()
    this.#rejectUpTo(this.#turns.open.last, problem)
    this.#turns.close(problem)
    this.#securing?.close()
    this.#problem = 'the ledger is closed'
  }

  get #queued(): number {
    return this.#turns.open.last - this.#committed
  }

  #hasRoom(factor: number): boolean {
    const { open, sent } = this.#turns
    const bytes = open.bytes + (sent?.batch.used ?? 0)
    return this.#queued < this.#options.maxRows * factor && bytes < this.#options.maxBytes * factor
  }

  #drop(): Ticket {
    this.#dropped++
    return DROPPED
  }

  #batchDone(result: BatchResult): void {
    const { sent } = this.#turns
    if (sent === undefined) return
    if (result.problem !== '') {
      this.#failed(sent, result)
      return
    }
    this.#committed = lastOf(sent.batch)
    this.#problem = ''
    this.#options.securer?.committed(this.#committed)
    this.#turns.letGo(sent)
    this.#options.events.committed(sent.batch.rows, result.seconds)
    this.#securers.resolveUpTo(this.#committed)
    for (const ticket of result.lost) {
      this.#waiters.reject(ticket, this.#error('the bytes of this callback are not in the ledger'))
    }
    this.#waiters.resolveUpTo(this.#committed)
  }

  #securingDone({ seconds, last, problem }: SecuringResult): void {
    if (problem === '') {
      this.#options.events.committed(0, seconds)
      this.#securers.resolveUpTo(last)
      return
    }
    if (last <= this.#committed) return // its batch was faster: there is none left that could end the problem
    this.#fails(problem)
    this.#turns.due() // whether it lasts, the batch itself finds out
  }

  #failed(sent: Sent, { problem, canRetry }: BatchResult): void {
    if (canRetry) this.#fails(problem)
    else this.#giveUp(sent, problem)
  }

  #fails(problem: string): void {
    if (this.#problem === '') this.#options.events.failed(0, problem)
    this.#problem = problem
    this.#rejectUpTo(this.#turns.open.last, problem)
  }

  /** These rows cannot be written; those after them can. */
  #giveUp(sent: Sent, problem: string): void {
    this.#committed = lastOf(sent.batch)
    this.#turns.letGo(sent)
    this.#options.events.failed(sent.batch.rows, problem)
    this.#rejectUpTo(this.#committed, problem)
    this.#clearWhereNothingWaits()
  }

  /** A problem ends with the next commit, which never comes where no row is left. */
  #clearWhereNothingWaits(): void {
    if (this.#queued === 0) this.#problem = ''
  }

  #rejectUpTo(ticket: Ticket, problem: string): void {
    const error = this.#error(problem)
    this.#waiters.rejectUpTo(ticket, error)
    this.#securers.rejectUpTo(ticket, error)
  }

  #reportDropped(): void {
    if (this.#dropped === 0) return
    this.#options.events.failed(this.#dropped, 'too many rows wait to be written')
    this.#dropped = 0
  }

  #error(problem: string): RingbackError {
    return new RingbackError('ledger', `the ledger could not be written: ${problem}`)
  }
}

function shareOf(exchange: Exchange): number {
  return canWait(exchange) ? 2 : 1
}
