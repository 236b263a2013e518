import type { DatabaseSync } from 'node:sqlite'

import { headerTextOf } from '../../callback/header-text.ts'
import { timeOfId } from '../../callback/id.ts'
import { decodeKeptBytes } from '../codec/decode.ts'
import type { AttemptRecord, SettledRecord } from '../codec/records.ts'
import type { Ticket } from '../ledger.ts'
import { MessageBlock, type MessagePolicy } from '../stored/message-block.ts'
import { stateOf } from '../stored/inbox.ts'
import { type AnswerTable, createAnswerTable } from './tables/answer-table.ts'
import { type AttemptTable, createAttemptTable } from './tables/attempt-table.ts'
import { type BatchPlan, type Change, type KeptEntry, planBatch } from '../writing/batch-plan.ts'
import { Breather } from './breather.ts'
import { type BlockWriter, createBlockWriter } from './tables/blocks.ts'
import { type CallbackTable, createCallbackTable, type Place } from './tables/callback-table.ts'
import { createInboxTable, type InboxTable } from './tables/inbox-table.ts'
import { readSecured, type SecuredPiece } from './recovery/secured-file.ts'
import { problemOf } from './problem.ts'
import { lastOf } from '../writing/open-batch.ts'
import type { Batch, LedgerPosition } from '../writing/protocol.ts'
import { createLookUpTables, type LookUpTables } from './tables/look-up-tables.ts'
import { createRefusalTable, type RefusalTable } from './tables/refusal-table.ts'
import { Standings } from './standings/standings.ts'
import { createStateRow, type LedgerState, type StateRow } from './tables/state-row.ts'
import { createUnderWayTable, type UnderWayTable } from './tables/under-way-table.ts'
import { inTransaction } from './transaction.ts'

export interface CommitOptions extends MessagePolicy {
  /** The file of the ledger. */
  readonly path: string
  readonly session: string
  readonly refusalLimit: number
}

/** Rows that no commit takes, and why. */
export interface RefusedPiece extends SecuredPiece {
  readonly problem: string
}

/** Writes batches, each in one transaction and exactly once. */
export class Committer {
  readonly #db: DatabaseSync
  readonly #options: CommitOptions
  readonly #callbacks: CallbackTable
  readonly #attempts: AttemptTable
  readonly #lookUps: LookUpTables
  readonly #answers: AnswerTable
  readonly #inbox: InboxTable
  readonly #underWay: UnderWayTable
  readonly #blocks: BlockWriter
  readonly #refusals: RefusalTable
  readonly #standings: Standings
  readonly #state: StateRow
  /** Messages of the batch that is being written. */
  readonly #messages: MessageBlock
  readonly #breather = new Breather()

  constructor(db: DatabaseSync, options: CommitOptions) {
    this.#db = db
    this.#options = options
    this.#callbacks = createCallbackTable(db)
    this.#attempts = createAttemptTable(db)
    this.#lookUps = createLookUpTables(db)
    this.#answers = createAnswerTable(db)
    this.#inbox = createInboxTable(db)
    this.#underWay = createUnderWayTable(db)
    this.#blocks = createBlockWriter(db)
    this.#messages = new MessageBlock(options)
    this.#refusals = createRefusalTable(db)
    this.#standings = new Standings(db)
    this.#state = createStateRow(db)
  }

  /** How far the ledger has come. */
  get position(): LedgerPosition {
    const { session, ticket } = this.#state.read()
    return { session, ticket }
  }

  /** Commits what a process that ended had secured and not yet committed. @returns false when there was nothing */
  recover(): boolean {
    const found = readSecured(this.#options.path, this.#state.read())
    const [last] = found.slice(-1)
    if (last === undefined) return false
    const rows = found.reduce((sum, piece) => sum + piece.rows, 0)
    const records = Buffer.concat(found.map((piece) => piece.records))
    this.#commit(batchOf({ ...last, rows, records }), last.session)
    return true
  }

  /**
   * The same piece by piece, where all at once is refused because of what the rows are. A piece that no commit takes is
   * handed over before the next one is committed, because then it is passed over.
   */
  recoverEach(setAside: (refused: RefusedPiece) => void): void {
    const pieces = readSecured(this.#options.path, this.#state.read())
    for (const piece of pieces) {
      try {
        this.#commit(batchOf(piece), piece.session)
      } catch (error) {
        const { text, canRetry } = problemOf(error)
        if (canRetry) throw error
        setAside({ ...piece, problem: text })
      }
    }
    const [last] = pieces.slice(-1)
    if (last === undefined) return
    inTransaction(this.#db, () =>
      this.#state.write({ ...this.#state.read(), session: last.session, ticket: last.last }),
    )
  }

  /**
   * Writes a batch; one of this session that is in the file already is skipped.
   *
   * @returns tickets of callbacks that were to wait for rescue but whose bytes are not in the ledger
   * @throws the error of SQLite when nothing of the batch was written
   */
  commit(batch: Batch): readonly Ticket[] {
    this.#breather.begin()
    try {
      return this.#commit(batch, this.#options.session)
    } finally {
      this.#breather.end()
    }
  }

  /** Is there anything of numbers and streaks that only stands in notes? */
  get isBehind(): boolean {
    return this.#standings.isBehind
  }

  /** Writes some of what is only noted, or all of it. @throws the error of SQLite when it stands in notes as before */
  catchUp(nowMs: number, isAll: boolean): void {
    this.#transact(() => {
      this.#standings.begin()
      if (isAll) this.#standings.saveAll()
      else this.#standings.saveSome(nowMs)
    })
  }

  #commit(batch: Batch, session: string): readonly Ticket[] {
    const lost = this.#transact(() => this.#write(batch, session))
    this.#underWay.committed()
    return lost
  }

  #transact<Result>(work: () => Result): Result {
    try {
      return inTransaction(this.#db, work)
    } catch (error) {
      this.#underWay.reset()
      this.#standings.reset()
      throw error
    }
  }

  #write(batch: Batch, session: string): readonly Ticket[] {
    const now = this.#state.read()
    const last = lastOf(batch)
    if (now.session === session && now.ticket >= last) return []
    const block = now.block + 1
    this.#standings.begin()
    this.#messages.clear()
    const plan = planBatch(new Uint8Array(batch.bytes), batch, (attempt) =>
      this.#writeAttempt(attempt, block),
    )
    this.#writeCallbacks(plan, now, batch)
    const lost = this.#writeChanges(plan.changes, batch.sentAt)
    const excess = this.#writeRefusals(plan, now)
    const messages = this.#messages.block()
    this.#breather.breathe()
    if (messages !== undefined) this.#blocks.write(block, messages, batch.sentAt)
    this.#standings.save(batch.sentAt)
    this.#state.write({
      session,
      ticket: last,
      callbacks: now.callbacks + plan.kept.length,
      received: now.received + plan.kept.length,
      refusals: now.refusals + plan.refusals.length - excess,
      block,
    })
    return lost
  }

  #writeCallbacks({ kept }: BatchPlan, now: LedgerState, batch: Batch): void {
    const open: KeptEntry[] = []
    for (const [index, entry] of kept.entries()) {
      this.#breather.breathe()
      const { change } = entry
      const record = entry.decode()
      const place: Place = { block: now.block + 1, slot: this.#messages.count }
      this.#messages.add(record.headers, record.body, record.body.length)
      this.#callbacks.insert(record, change, place, now.received + index)
      if (change?.settled === undefined) open.push(entry)
      else if (stateOf(change.settled) !== undefined) {
        this.#inbox.insert({ record, bytes: entry.bytes }, change.settled, batch.sentAt)
      }
      this.#standings.received(record.route, record.receivedAt, change?.settled)
      if (change?.settled !== undefined) this.#answers.keep(change.settled)
    }
    this.#lookUps.inserted(kept, now.received, this.#standings.routes)
    this.#underWay.add(batch.first, open)
  }

  #writeAttempt(attempt: AttemptRecord, block: number): void {
    this.#breather.breathe()
    const { reply } = attempt
    this.#attempts.insert(attempt, reply === undefined ? undefined : { block, slot: this.#messages.count })
    if (reply !== undefined) this.#messages.add(headerTextOf(reply.headers), reply.body, reply.bytes)
    this.#standings.attempted(attempt)
  }

  #writeChanges(changes: ReadonlyMap<string, Change>, nowMs: number): readonly Ticket[] {
    const lost: Ticket[] = []
    for (const [id, change] of changes) {
      this.#breather.breathe()
      const { settled, ticket } = change
      const isKept = settled === undefined || this.#settle(settled, nowMs)
      if (!isKept) lost.push(ticket)
      // Whoever lost the lease of a callback does not say what became of it; the attempt was made all the same.
      const isLate = !isKept && settled.fence > 0
      const isFirst = this.#callbacks.change(id, isLate ? { ...change, settled: undefined } : change)
      if (isLate || settled === undefined) continue
      this.#answers.keep(settled)
      // Numbers count what became of a callback while the provider waited.
      if (isFirst) this.#standings.settled(settled, timeOfId(id))
    }
    return lost
  }

  /** @returns false when the callback was to wait and its bytes are not here, or when the lease it names was lost */
  #settle(settled: SettledRecord, nowMs: number): boolean {
    const { callbackId: id } = settled
    if (!this.#underWay.has(id)) return this.#inbox.settle(settled, nowMs)
    if (stateOf(settled) !== undefined) {
      const bytes = this.#underWay.recordOf(id)
      if (bytes === undefined) return false
      this.#inbox.insert({ record: decodeKeptBytes(bytes), bytes }, settled, nowMs)
    }
    this.#underWay.leave(id)
    return true
  }

  #writeRefusals(plan: BatchPlan, now: LedgerState): number {
    for (const refusal of plan.refusals) this.#refusals.insert(refusal)
    const excess = Math.max(0, now.refusals + plan.refusals.length - this.#options.refusalLimit)
    if (excess > 0) this.#refusals.dropOldest(excess)
    return excess
  }
}

function batchOf({ rows, records, last, writtenAt }: SecuredPiece): Batch {
  const bytes = new SharedArrayBuffer(records.length)
  new Uint8Array(bytes).set(records)
  return { bytes, used: records.length, rows, first: last - rows + 1, sentAt: writtenAt }
}
