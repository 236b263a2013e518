import { headerTextOf } from '../../../callback/header-text.ts'
import { timeOfId } from '../../../callback/id.ts'
import type { SettledRecord } from '../../codec/records.ts'
import type { Ticket } from '../../ledger.ts'
import type { Change } from '../../writing/batch-plan.ts'
import type { Batch } from '../../writing/protocol.ts'
import { MessageBlock, type MessagePolicy } from '../../stored/message-block.ts'
import { type Client, jsonRows } from '../connection.ts'
import { ROW_BYTES } from '../sizes.ts'
import { attemptRow, callbackRow, changeRow, refusalRow } from './batch-rows.ts'
import { decidedBy, type FirstSettled } from './decided.ts'
import { type GatheredBatch, gatherBatch } from './gathered-batch.ts'
import { type InboxChanges, orderLanes, writeInbox } from './inbox.ts'
import { Pieces } from './pieces.ts'
import { Rollups } from './rollups.ts'
import { type Send, sendOver } from './send.ts'
import * as sql from './statements.ts'
import { Votes } from './streaks.ts'

export interface CommitOptions extends MessagePolicy {
  readonly writer: number
  readonly refusalLimit: number
}

/** A batch that is being written. */
interface Writing {
  readonly send: Send
  readonly plan: GatheredBatch
  readonly batch: Batch
  readonly rollups: Rollups
  readonly votes: Votes
}

/** Batches of one session begin at ticket 1, so a block has a number that no other batch of any writer has. */
const TICKETS = 2 ** 32

/**
 * Writes a batch in one transaction and exactly once, in three round trips: what stands by itself, what needs to know
 * what was there before, and the sums.
 *
 * @returns tickets of callbacks that were to wait for rescue but whose bytes are not in the ledger
 * @throws the error of the database when nothing of the batch was written
 */
export async function commitBatch(
  client: Client,
  batch: Batch,
  options: CommitOptions,
): Promise<readonly Ticket[]> {
  const send = sendOver(client)
  const plan = gatherBatch(batch)
  const writing = { send, plan, batch, rollups: new Rollups(), votes: new Votes() }
  const begun = client.query('BEGIN')
  try {
    const [, isNew, inbox] = await Promise.all([
      begun,
      writeFacts(client, writing, options),
      writeInbox(send, plan.kept, plan.changes, { writer: options.writer, nowMs: batch.sentAt }),
    ])
    if (!isNew) {
      await client.query('ROLLBACK')
      return []
    }
    const [held, first] = await Promise.all([
      writing.votes.hold(send),
      writeChanges(writing, inbox.lost),
      writeAnswers(send, plan, inbox.lost),
      orderLanes(send, inbox, batch.sentAt),
    ])
    for (const { id } of first) addSettled(writing.rollups, plan.changes.get(id)?.settled)
    const [, , , ended] = await Promise.all([
      writeRollups(writing, options.writer),
      tellOthers(writing, first, options.writer),
      writing.votes.fold(send, held),
      client.query('COMMIT'),
    ])
    if (ended.command !== 'COMMIT') throw new Error('the database undid a batch')
    return lostTickets(plan, inbox)
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined) // a connection that is gone has undone it already
    throw error
  }
}

/** @returns false when this batch is in the ledger already */
async function writeFacts(
  client: Client,
  { send, plan, batch, rollups, votes }: Writing,
  options: CommitOptions,
): Promise<boolean> {
  const { writer } = options
  const block = writer * TICKETS + batch.first
  const messages = new MessageBlock(options)
  const callbacks = plan.kept.map(({ record, change }) => {
    const place = { block, slot: messages.count }
    messages.add(record.headers, record.body, record.body.length)
    rollups.received(record.route, record.receivedAt)
    addSettled(rollups, change?.settled)
    return callbackRow(record, change, place)
  })
  const attempts = new Map<string, object>()
  for (const attempt of plan.attempts) {
    const { reply } = attempt
    const place = reply === undefined ? undefined : { block, slot: messages.count }
    if (reply !== undefined) messages.add(headerTextOf(reply.headers), reply.body, reply.bytes)
    attempts.set(`${attempt.callbackId} ${attempt.number}`, attemptRow(attempt, place))
    rollups.attempted(attempt.route, attempt.startedAt, attempt.outcome)
    votes.add(attempt)
  }
  const packed = messages.block()
  const bytes =
    callbacks.length * ROW_BYTES.callback + attempts.size * ROW_BYTES.attempt + (packed?.data.length ?? 0)
  const last = batch.first + batch.rows - 1
  const refusals = plan.refusals.map(refusalRow)
  const advanced = client.query({
    name: 'advance',
    text: sql.ADVANCE,
    values: [writer, last, callbacks.length, refusals.length, bytes],
  })
  const writes = [
    packed && send(sql.BLOCK, [block, batch.sentAt, packed.isPacked, packed.data]),
    callbacks.length > 0 && send(sql.CALLBACKS, [jsonRows(callbacks)]),
    attempts.size > 0 && send(sql.ATTEMPTS, [jsonRows([...attempts.values()])]),
    refusals.length > 0 && send(sql.REFUSALS, [jsonRows(refusals)]),
    refusals.length > 0 && send(sql.TRIM_REFUSALS, [writer, options.refusalLimit]),
  ]
  const [{ rowCount }] = await Promise.all([advanced, ...writes])
  return rowCount === 1
}

/** @returns callbacks that this settled for the first time */
async function writeChanges(
  { send, plan }: Writing,
  lost: ReadonlySet<string>,
): Promise<readonly FirstSettled[]> {
  const rows = [...plan.changes].map(([id, change]) =>
    // Whoever lost the lease of a callback does not say what became of it; the attempt was made all the same.
    changeRow(id, isLate(change, lost) ? { ...change, settled: undefined } : change),
  )
  if (rows.length === 0) return []
  return send<FirstSettled>(sql.CHANGES, [jsonRows(rows)])
}

function isLate({ settled }: Change, lost: ReadonlySet<string>): boolean {
  return settled !== undefined && settled.fence > 0 && lost.has(settled.callbackId)
}

/** Xml answers, so that a repeat of a signed request is answered as before, by whichever replica. */
async function writeAnswers(send: Send, plan: GatheredBatch, lost: ReadonlySet<string>): Promise<void> {
  const settled = [
    ...plan.kept.flatMap(({ change }) => change?.settled ?? []),
    ...[...plan.changes.values()].flatMap((change) => (isLate(change, lost) ? [] : (change.settled ?? []))),
  ]
  const pieces = new Pieces()
  const rows = settled.flatMap(({ callbackId: id, answer }) =>
    answer === undefined ? [] : [{ id, content_type: answer.contentType, ...pieces.add(answer.body) }],
  )
  if (rows.length > 0) await send(sql.ANSWERS, [jsonRows(rows), pieces.whole()])
}

async function writeRollups({ send, rollups }: Writing, writer: number): Promise<void> {
  const rows = rollups.rows()
  if (rows.length > 0) await send(sql.ROLLUPS, [jsonRows(rows), writer])
}

async function tellOthers(
  { send, plan, batch }: Writing,
  first: readonly FirstSettled[],
  writer: number,
): Promise<void> {
  const decided = decidedBy(plan, first)
  if (decided === undefined) return
  await send(sql.DECIDED, [writer, batch.first + batch.rows - 1, jsonRows([decided]).slice(1, -1)])
}

function addSettled(rollups: Rollups, settled: SettledRecord | undefined): void {
  if (settled === undefined) return
  rollups.settled(settled.route, timeOfId(settled.callbackId), settled.result, settled.answerMs)
}

function lostTickets({ changes }: GatheredBatch, { lost }: InboxChanges): Ticket[] {
  return [...changes].flatMap(([id, { ticket }]) => (lost.has(id) ? [ticket] : []))
}
