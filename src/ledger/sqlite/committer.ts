import type { DatabaseSync } from 'node:sqlite'

import { timeOfId } from '../../callback/id.ts'
import type { Ticket } from '../ledger.ts'
import { createAnswerTable } from './answer-table.ts'
import { createAttemptTable } from './attempt-table.ts'
import { type BatchPlan, type Change, planBatch } from './batch-plan.ts'
import { createBlockWriter } from './blocks.ts'
import { createCallbackTable, type Place } from './callback-table.ts'
import { createInboxTable } from './inbox-table.ts'
import { type MessagePolicy, messageLine } from './messages.ts'
import type { Batch } from './protocol.ts'
import { createRefusalTable } from './refusal-table.ts'
import { createRollupTable } from './rollup-table.ts'
import { createStateRow, type LedgerState } from './state-row.ts'
import { createStreakTable } from './streak-table.ts'
import { inTransaction } from './transaction.ts'

export interface CommitOptions extends MessagePolicy {
  readonly session: string
  readonly refusalLimit: number
}

export interface Committer {
  /**
   * Writes a batch in one transaction, exactly once: a batch of this session that is in the file already is skipped.
   *
   * @returns tickets of callbacks that were to wait for rescue but whose bytes are not in the ledger
   * @throws the error of SQLite when nothing of the batch was written
   */
  commit(batch: Batch): readonly Ticket[]
}

export function createCommitter(db: DatabaseSync, options: CommitOptions): Committer {
  const callbacks = createCallbackTable(db)
  const attempts = createAttemptTable(db)
  const answers = createAnswerTable(db)
  const inbox = createInboxTable(db)
  const blocks = createBlockWriter(db)
  const refusals = createRefusalTable(db)
  const streaks = createStreakTable(db)
  const rollups = createRollupTable(db)
  const state = createStateRow(db)

  return {
    commit(batch) {
      try {
        return inTransaction(db, () => write(batch))
      } catch (error) {
        streaks.reset()
        rollups.reset()
        throw error
      }
    },
  }

  function write(batch: Batch): readonly Ticket[] {
    const now = state.read()
    const last = batch.first + batch.rows - 1
    if (now.session === options.session && now.ticket >= last) return []
    const plan = planBatch(new Uint8Array(batch.bytes), batch.used, batch.first)
    const lines: string[] = []
    writeCallbacks(plan, now, lines)
    writeAttempts(plan, now.block + 1, lines)
    const lost = writeChanges(plan.changes, batch.sentAt)
    const excess = writeRefusals(plan, now)
    blocks.write(now.block + 1, lines, batch.sentAt)
    streaks.save()
    rollups.save()
    state.write({
      session: options.session,
      ticket: last,
      callbacks: now.callbacks + plan.kept.length,
      received: now.received + plan.kept.length,
      refusals: now.refusals + plan.refusals.length - excess,
      block: now.block + 1,
    })
    return lost
  }

  function writeCallbacks({ kept }: BatchPlan, now: LedgerState, lines: string[]): void {
    for (const [index, entry] of kept.entries()) {
      const { record, change } = entry
      const place: Place = { block: now.block + 1, slot: lines.length }
      const body = Buffer.from(record.body.buffer, record.body.byteOffset, record.body.byteLength)
      lines.push(messageLine(options, record.rawHeaders, body, body.length))
      callbacks.insert(record, change, place, now.received + index)
      inbox.insert(entry)
      rollups.received(record.route, record.receivedAt)
      if (change !== undefined) noteSettled(change, true)
    }
  }

  function writeAttempts(plan: BatchPlan, block: number, lines: string[]): void {
    for (const attempt of plan.attempts) {
      const { reply } = attempt
      attempts.insert(attempt, reply === undefined ? undefined : { block, slot: lines.length })
      if (reply !== undefined) {
        const body = Buffer.from(reply.body.buffer, reply.body.byteOffset, reply.body.byteLength)
        lines.push(messageLine(options, reply.headers, body, reply.bytes))
      }
      streaks.fold(attempt)
      rollups.attempted(attempt.route, attempt.startedAt, attempt.outcome)
    }
  }

  function writeChanges(changes: ReadonlyMap<string, Change>, nowMs: number): readonly Ticket[] {
    const lost: Ticket[] = []
    for (const [id, change] of changes) {
      const isFirst = callbacks.change(id, change)
      if (change.settled === undefined) continue
      if (!inbox.settle(change.settled, nowMs)) lost.push(change.ticket)
      noteSettled(change, isFirst)
    }
    return lost
  }

  function noteSettled({ settled }: Change, isFirst: boolean): void {
    if (settled === undefined) return
    answers.keep(settled)
    // Numbers of a callback belong to the minute it arrived in, and count what became of it while the provider waited.
    if (isFirst)
      rollups.settled(settled.route, timeOfId(settled.callbackId), settled.result, settled.answerMs)
  }

  function writeRefusals(plan: BatchPlan, now: LedgerState): number {
    for (const refusal of plan.refusals) refusals.insert(refusal)
    const excess = Math.max(0, now.refusals + plan.refusals.length - options.refusalLimit)
    if (excess > 0) refusals.dropOldest(excess)
    return excess
  }
}
