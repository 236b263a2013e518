import type { Ticket } from '../ledger.ts'
import { CallDesk, NO_ROW } from './call-desk.ts'
import { lastOf, OpenBatch, type Sent } from './open-batch.ts'
import type { Call, CallResult, Turn } from './protocol.ts'
import { SendTimer } from './send-timer.ts'

const RETRY_MS = 500
/**
 * So many rows in 20 ms are gathered for longer where callbacks wait until theirs are secured: then only readers wait for a
 * batch, and one for each 20 ms would cost the writer a sixth more.
 */
const MANY_ROWS = 64
/** Times 20 ms that rows are gathered for at most. */
const MOST_TIMES = 2

/** Who waits for what, as far as it decides what comes next. */
export interface Waiting {
  /** For batches to be committed. */
  readonly isForCommit: boolean
  /** The last batch could not be written. */
  readonly isFailing: boolean
}

export interface TurnQueueOptions {
  readonly waiting: () => Waiting
  readonly send: (turn: Turn) => void
  /** Puts rows on disk that go on gathering. */
  readonly secure: () => void
}

/**
 * Decides what the writer thread does next, one turn at a time: a batch, or calls of its stores. A batch is sent when the
 * one before it is committed, and again as long as it could not be written.
 */
export class TurnQueue {
  readonly #options: TurnQueueOptions
  readonly #calls = new CallDesk()
  readonly #timer = new SendTimer(
    () => this.#sendDue(),
    () => this.#gathered(),
  )
  readonly #calling = new SendTimer(() => this.#sendNext())
  /** Rows that were not sent yet. */
  readonly open = new OpenBatch()
  /** The batch that is with the writer, or waits to be tried again. */
  #sent: Sent | undefined
  /** Calls whose rows went ahead of them. */
  #held: readonly Call[] = []
  #isBusy = false
  /** The oldest batch is to be sent as soon as the writer is free. */
  #isDue = false
  /** How often the rows of the open batch were left to gather. */
  #times = 0
  #isUp = true
  #retry: NodeJS.Timeout | undefined

  constructor(options: TurnQueueOptions) {
    this.#options = options
  }

  get sent(): Sent | undefined {
    return this.#sent
  }

  /** A row was written into the open batch. */
  added(): Ticket {
    const ticket = this.open.added()
    if (this.open.hasFull && !this.#isBusy) this.#timer.urgent()
    else this.#timer.background()
    return ticket
  }

  /** Somebody waits for a batch. */
  hurry(): void {
    if (!this.#isBusy) this.#timer.urgent()
  }

  /** The oldest batch goes next, whatever else waits. */
  due(): void {
    this.#isDue = true
    this.hurry()
  }

  /** Calls a store on the writer thread, after a row and all before it. */
  async call(store: string, method: string, args: readonly unknown[], after: Ticket): Promise<unknown> {
    const result = this.#calls.ask(store, method, args, after)
    if (!this.#isBusy && this.#calls.hasFreeCalls) this.#calling.urgent()
    else this.hurry()
    return result
  }

  /** The batch that was sent is committed, or given up. */
  letGo(sent: Sent): void {
    this.#sent = undefined
    this.open.recycle(sent)
  }

  /** A turn is over: calls are told, and what it says of rows is for the caller, before `next`. */
  over(results: readonly CallResult[]): void {
    this.#isBusy = false
    this.#calls.settle(results)
  }

  next(): void {
    if (this.#held.length > 0) this.#sendHeld()
    else if (this.#calls.hasBoundCalls || this.#options.waiting().isForCommit) this.#timer.urgent()
    else if (this.#sent !== undefined) this.#retry ??= setTimeout(() => this.#sendNext(), RETRY_MS)
    else if (this.#isDue || this.open.hasFull) this.#sendNext()
    else {
      if (!this.open.isEmpty) this.#timer.background()
      if (this.#calls.hasFreeCalls) this.#calling.urgent()
    }
  }

  /** The writer thread ended, or could not be started again. */
  ended(problem: string): void {
    this.#isUp = false
    this.#isBusy = false
    this.#held = []
    this.#calls.rejectAll(problem)
  }

  restarted(): void {
    this.#isUp = true
    this.#sendNext()
    if (!this.#isBusy) this.next()
  }

  /** After the last turn. */
  close(problem: string): void {
    this.#isUp = false
    this.#timer.stop()
    this.#calling.stop()
    clearTimeout(this.#retry)
    this.#calls.rejectAll(problem)
  }

  #sendDue(): void {
    this.#isDue = true
    this.#sendNext()
  }

  /** Rows that nobody waits for: they are sent, but for many of which some are on disk already. The rest of those follows. */
  #gathered(): void {
    if (this.open.isEmpty || !this.#isUp) return
    const isMany = this.open.isSecured && this.open.rows >= MANY_ROWS
    if (!this.#isBusy && (!isMany || ++this.#times >= MOST_TIMES)) {
      this.#sendDue()
      return
    }
    if (isMany) this.#options.secure()
    this.#timer.background()
  }

  #sendNext(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    if (this.#isBusy || !this.#isUp) return
    if (!this.#needsBatch()) {
      // A batch that goes early for the sake of calls is a small one, and costs more than theirs.
      if (this.#calls.hasFreeCalls) this.#turn({ batch: undefined, calls: this.#calls.take(NO_ROW) })
      return
    }
    this.#isDue = false
    this.#times = 0
    this.#sent ??= this.open.take()
    const batch = this.#sent?.batch
    // A ledger that fails keeps nobody waiting: they are told.
    const calls = this.#calls.take(
      batch === undefined || this.#options.waiting().isFailing ? Infinity : lastOf(batch),
    )
    if (batch !== undefined) {
      this.#held = calls
      this.#turn({ batch, calls: [] })
    } else if (calls.length > 0) {
      this.#turn({ batch: undefined, calls })
    }
  }

  #sendHeld(): void {
    const calls = this.#held
    this.#held = []
    this.#turn({ batch: undefined, calls })
  }

  #needsBatch(): boolean {
    const { isForCommit, isFailing } = this.#options.waiting()
    const isWanted = this.#isDue || isForCommit || this.#calls.hasBoundCalls
    return isWanted || this.#sent !== undefined || isFailing || this.open.hasFull
  }

  #turn(turn: Turn): void {
    this.#isBusy = true
    this.#options.send(turn)
  }
}
