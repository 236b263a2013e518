import type { SettledRecord } from '../../codec/records.ts'
import type { Change } from '../../writing/batch-plan.ts'
import type { GatheredKept } from './gathered-batch.ts'
import { dueAt, laneOf, stateOf } from '../../stored/inbox.ts'
import { jsonRows } from '../connection.ts'
import { Pieces } from './pieces.ts'
import type { Send } from './send.ts'
import { BURY, KEEP, LANES_JOINED, LANES_LEFT, LET_GO, LOCK_LANES, WAIT } from './statements.ts'

interface Touched {
  readonly id: string
  readonly lane: string
  readonly tries?: number
  readonly state?: string
}

/** What became of the inbox. */
export interface InboxChanges {
  /** Callbacks that were to wait or to be buried and are not: their bytes are not there, or their lease was lost. */
  readonly lost: ReadonlySet<string>
  readonly joined: readonly Touched[]
  readonly left: readonly Touched[]
}

interface InboxOptions {
  readonly writer: number
  readonly nowMs: number
}

/** Takes callbacks in, unless the same batch has already settled them for good, and settles those of earlier batches. */
export async function writeInbox(
  send: Send,
  kept: readonly GatheredKept[],
  changes: ReadonlyMap<string, Change>,
  options: InboxOptions,
): Promise<InboxChanges> {
  const taken = takeIn(send, kept, options)
  const settled = [...changes.values()].flatMap((change) => change.settled ?? [])
  const wait = settled.filter((each) => stateOf(each) === 'waiting')
  const bury = settled.filter((each) => stateOf(each) === 'dead')
  const letGo = settled.filter((each) => stateOf(each) === undefined)
  const { nowMs } = options
  const [joined, waiting, buried, gone] = await Promise.all([
    taken,
    update(send, WAIT, wait.map(waitRow(nowMs)), nowMs),
    update(send, BURY, bury.map(buryRow), nowMs),
    letGo.length === 0 ? [] : send<Touched>(LET_GO, [letGo.map(({ callbackId }) => callbackId)]),
  ])
  const done = new Set([...waiting, ...buried].map(({ id }) => id))
  return {
    lost: new Set([...wait, ...bury].map(({ callbackId }) => callbackId).filter((id) => !done.has(id))),
    joined: [...joined, ...waiting.filter(({ tries }) => tries === 0)].filter(isOfCall),
    left: [...buried, ...gone.filter(({ state }) => state !== 'pending')].filter(isOfCall),
  }
}

/** Keeps all but the oldest waiting callback of a call out of what is due. */
export async function orderLanes(
  send: Send,
  { joined, left }: Pick<InboxChanges, 'joined' | 'left'>,
  nowMs: number,
): Promise<void> {
  if (joined.length + left.length === 0) return
  await Promise.all([
    send(LOCK_LANES, [lanesOf([...joined, ...left])]),
    joined.length === 0 ? [] : send(LANES_JOINED, [lanesOf(joined), joined.map(({ id }) => id)]),
    left.length === 0 ? [] : send(LANES_LEFT, [lanesOf(left), nowMs]),
  ])
}

/** @returns those that wait from the start */
async function takeIn(
  send: Send,
  kept: readonly GatheredKept[],
  { writer, nowMs }: InboxOptions,
): Promise<readonly Touched[]> {
  const pieces = new Pieces()
  const rows = kept.flatMap(({ record, bytes, change }) => {
    const settled = change?.settled
    const state = stateOf(settled)
    if (state === undefined) return []
    return [
      {
        id: record.id,
        route: record.route,
        lane: laneOf(record.route, record.facts.callId, record.id),
        state,
        received_at: record.receivedAt,
        due_at: dueAt(settled, record.receivedAt),
        reason: settled?.lastOutcome ?? '',
        ended_at: state === 'dead' ? nowMs : null,
        ...pieces.add(bytes),
      },
    ]
  })
  if (rows.length > 0) await send(KEEP, [jsonRows(rows), nowMs, writer, pieces.whole()])
  return rows.filter(({ state }) => state === 'waiting')
}

async function update(
  send: Send,
  sql: string,
  rows: readonly object[],
  nowMs: number,
): Promise<readonly Touched[]> {
  return rows.length === 0 ? [] : send<Touched>(sql, [jsonRows(rows), nowMs])
}

function waitRow(nowMs: number) {
  return (settled: SettledRecord) => ({
    id: settled.callbackId,
    fence: settled.fence,
    due_at: dueAt(settled, nowMs),
  })
}

function buryRow({ callbackId, fence, lastOutcome }: SettledRecord) {
  return { id: callbackId, fence, reason: lastOutcome }
}

function lanesOf(rows: readonly Touched[]): string[] {
  return rows.map(({ lane }) => lane)
}

/** Callbacks without a call id wait each on its own. */
function isOfCall({ id, lane }: Touched): boolean {
  return lane !== id
}
