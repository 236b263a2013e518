import { timeOfId } from '../../../callback/id.ts'
import { decodeKeptBytes } from '../../codec/decode.ts'
import type { AttemptRecord, KeptRecord, SettledRecord } from '../../codec/records.ts'
import { type KnownAttempt, settlementOf, unknownAttempt } from '../../stored/cut-off.ts'
import { dueAt, stateOf } from '../../stored/inbox.ts'
import { jsonRows, type Queryable, rowsOf } from '../connection.ts'
import { attemptRow, changeRow } from '../writer/batch-rows.ts'
import { Rollups } from '../writer/rollups.ts'
import { ATTEMPTS, CHANGES, LANES_JOINED, LET_GO, LOCK_LANES, ROLLUPS, WAIT } from '../writer/statements.ts'

interface LeasedRow {
  readonly record: Uint8Array
  readonly state: string
  readonly attempts: number | null
}

interface CutOff {
  readonly record: KeptRecord
  readonly unknown: AttemptRecord | undefined
  readonly settled: SettledRecord
  readonly attempts: number
}

/**
 * Settles the callbacks that a crash of a process cut off: what was under way stands in the ledger as `unknown`, and
 * what may be delivered later is.
 */
export async function settleCutOff(
  db: Queryable,
  { dead, writer, nowMs }: { readonly dead: number; readonly writer: number; readonly nowMs: number },
): Promise<void> {
  const rows = await rowsOf<{ record: Uint8Array; attempts: KnownAttempt[] | null }>(
    db,
    `SELECT record, (SELECT json_agg(json_build_object('number', number, 'outcome', outcome) ORDER BY number)
       FROM attempts WHERE callback_id = inbox.id) AS attempts
     FROM inbox WHERE state = 'pending' AND writer = $1 FOR UPDATE`,
    [dead],
  )
  const cut = rows.map(({ record, attempts }) => cutOff(decodeKeptBytes(record), attempts ?? [], nowMs))
  if (cut.length === 0) return
  const rollups = new Rollups()
  for (const { record, unknown, settled } of cut) {
    if (unknown !== undefined) rollups.attempted(unknown.route, unknown.startedAt, unknown.outcome)
    rollups.settled(record.route, timeOfId(record.id), settled.result, Number.NaN)
  }
  const attempts = cut.flatMap(({ unknown }) =>
    unknown === undefined ? [] : [attemptRow(unknown, undefined)],
  )
  const changes = cut.map(({ record: { id }, settled, attempts: made }) =>
    changeRow(id, { attempts: made, lastOutcome: settled.lastOutcome, settled, ticket: 0 }),
  )
  await db.query(ATTEMPTS, [jsonRows(attempts)])
  await db.query(CHANGES, [jsonRows(changes)])
  await db.query(ROLLUPS, [jsonRows(rollups.rows()), writer])
  const waits = cut.filter(({ settled }) => stateOf(settled) === 'waiting')
  await db.query(LET_GO, [
    cut.filter(({ settled }) => stateOf(settled) === undefined).map(({ record }) => record.id),
  ])
  const waiting = waits.map(({ record: { id }, settled }) => ({
    id,
    fence: 0,
    due_at: dueAt(settled, nowMs),
  }))
  const joined = (await rowsOf<{ id: string; lane: string }>(db, WAIT, [jsonRows(waiting), nowMs])).filter(
    ({ id, lane }) => id !== lane,
  )
  const lanes = joined.map(({ lane }) => lane)
  await db.query(LOCK_LANES, [lanes])
  await db.query(LANES_JOINED, [lanes, joined.map(({ id }) => id)])
}

/**
 * Ends the leases of a process that is gone. The attempt that may have been under way stands as `unknown`, and the
 * callback is due again at once.
 */
export async function endLeases(db: Queryable, dead: number, nowMs: number): Promise<void> {
  const rows = await rowsOf<LeasedRow>(
    db,
    `SELECT i.record, i.state, c.attempts FROM inbox AS i LEFT JOIN callbacks AS c ON c.id = i.id
     WHERE i.holder = $1 FOR UPDATE OF i`,
    [dead],
  )
  const made = rows.flatMap(({ record, state, attempts }) => {
    const unknown = unknownAttempt(decodeKeptBytes(record), [], nowMs)
    const via = state === 'dead' ? ('replay' as const) : ('rescue' as const)
    return unknown === undefined ? [] : [{ ...unknown, number: (attempts ?? 0) + 1, via, startedAt: nowMs }]
  })
  const changes = made.map(({ callbackId, number }) =>
    changeRow(callbackId, { attempts: number, lastOutcome: 'unknown', settled: undefined, ticket: 0 }),
  )
  await db.query(ATTEMPTS, [jsonRows(made.map((attempt) => attemptRow(attempt, undefined)))])
  await db.query(CHANGES, [jsonRows(changes)])
  await db.query(
    `UPDATE inbox SET lease_until = 0, holder = NULL, fence = fence + 1,
       due_at = CASE WHEN state = 'waiting' THEN $2 ELSE due_at END WHERE holder = $1`,
    [dead, nowMs],
  )
}

function cutOff(record: KeptRecord, known: readonly KnownAttempt[], nowMs: number): CutOff {
  const unknown = unknownAttempt(record, known, nowMs)
  return {
    record,
    unknown,
    settled: settlementOf(record, known, nowMs),
    attempts: unknown?.number ?? known.at(-1)?.number ?? 0,
  }
}
