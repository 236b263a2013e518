import { setTimeout as sleep } from 'node:timers/promises'

import type { AttemptRow, CallbackRow } from '../../../ledger/rows.ts'
import type { AttemptEvent, CallbackEvent, StreamEvent } from '../../api.ts'
import type { AdminParts } from '../../parts.ts'
import { eventName, parseEventId } from './event-name.ts'
import type { Missed } from './recent-events.ts'
import { wants, type Wish } from './wish.ts'

/** Whoever was away for longer is told of the last hour. */
const LONGEST_AWAY_MS = 3_600_000
/** Callbacks that one resume reads at most. */
const MOST_ROWS = 20_000
const PAGE = 1000
/** Their replies are unpacked as well, so where more callbacks were missed their attempts are left to `ringback show`. */
const MOST_WITH_ATTEMPTS = 500
/** A callback is answered at most this long after it arrived; how far before the last event a resume has to look. */
const LONGEST_ANSWER_MS = 120_000
/** The ledger knows when a callback was answered, not when that was told: a resume overlaps a little, never a hole. */
const OVERLAP_MS = 1000
/** Clocks of replicas differ a little; an id from further ahead was never ours. */
const CLOCK_SLACK_MS = 60_000
/** A ledger that cannot be written now keeps nobody from following. */
const CATCH_UP_MS = 1000

type Resumed = Pick<AdminParts, 'clock' | 'reader' | 'caughtUp'>

/**
 * What came after the last event that a client had, oldest first: from memory where the daemon remembers that event,
 * else from the ledger. What cannot be told is said by a `gap` that comes first.
 */
export async function* missedAfter(
  parts: Resumed,
  lastId: string,
  { wish, recent }: { readonly wish: Wish; readonly recent: Missed },
): AsyncGenerator<StreamEvent> {
  const remembered = recent.events.filter((event) => wants(wish, event))
  if (recent.isWhole) {
    yield* remembered
    return
  }
  const now = parts.clock.wall()
  const last = parseEventId(lastId)
  if (last === undefined || last.at > now + CLOCK_SLACK_MS) {
    yield gap(now, 'unknown_id')
    return
  }
  const since = Math.max(last.at, now - LONGEST_AWAY_MS)
  if (since > last.at) yield gap(since, 'too_old')
  const known = new Set([last.name, ...recent.events.map(eventName)])
  // What was answered a moment ago is on its way to the ledger.
  await Promise.race([parts.caughtUp().catch(() => undefined), sleep(CATCH_UP_MS, undefined, { ref: false })])
  const { rows, isWhole } = await answeredSince(parts.reader, since - OVERLAP_MS, wish)
  if (!isWhole) yield gap(since, 'too_many')
  const told = rows.length > MOST_WITH_ATTEMPTS ? [] : rows.map(({ id }) => id)
  const found = told.length === 0 ? [] : await parts.reader.withAttempts(told)
  const attempts = new Map(found.map(({ id, attempt_rows }) => [id, attempt_rows]))
  for (const row of rows) {
    const made = attempts.get(row.id) ?? []
    const events = [...made.map((each) => attemptEvent(row, each, since)), callbackEvent(row, since)]
    for (const event of events) {
      const isNew = event.at >= since - OVERLAP_MS && !known.has(eventName(event))
      if (isNew && wants(wish, event)) yield event
    }
  }
  yield* remembered.filter(({ at }) => at >= since - OVERLAP_MS)
}

function gap(at: number, reason: 'unknown_id' | 'too_old' | 'too_many'): StreamEvent {
  return { type: 'gap', at, data: { dropped: null, reason } }
}

/** Callbacks that were answered from a moment on, by when they were. Newest pages are read first, and kept when it is too much. */
async function answeredSince(
  reader: AdminParts['reader'],
  since: number,
  { route, call_id }: Wish,
): Promise<{ rows: readonly CallbackRow[]; isWhole: boolean }> {
  const found: CallbackRow[] = []
  let after: string | undefined
  for (let read = 0; read < MOST_ROWS; read += PAGE) {
    const filter = { route, call_id, since: since - LONGEST_ANSWER_MS, limit: PAGE, after }
    const { rows, next } = await reader.callbacks(filter)
    found.push(...rows.filter((row) => wasTold(row) && (answeredAt(row) >= since || wasCutOff(row))))
    if (next === null) return { rows: sorted(found), isWhole: true }
    after = next
  }
  return { rows: sorted(found), isWhole: false }
}

function sorted(rows: readonly CallbackRow[]): readonly CallbackRow[] {
  return rows.toSorted((a, b) => answeredAt(a) - answeredAt(b) || (a.id < b.id ? -1 : 1))
}

/** The stream tells of deliveries: of no refusal, and of no repeat by the provider. */
function wasTold({ result, duplicate_of: original }: CallbackRow): boolean {
  return result !== 'pending' && result !== 'rejected' && original === ''
}

/** Nobody was answered, and nobody was told: the daemon ended under it, and found out at its next start. */
function wasCutOff({ answer_status: status }: CallbackRow): boolean {
  return status === 0
}

function answeredAt({ received_at: at, answer_ms: ms }: CallbackRow): number {
  return at + Math.ceil(ms)
}

/** What was cut off is told as of the moment from which on the client was away: it was settled later than that. */
function callbackEvent(row: CallbackRow, since: number): StreamEvent {
  const { id, received_at, route, event, call_id, kind, verdict, result, blame, answer_status, answer_ms } =
    row
  const data: CallbackEvent = {
    id,
    received_at,
    route,
    event,
    call_id,
    kind,
    verdict,
    result,
    blame,
    answer_status,
    answer_ms,
  }
  return { type: 'callback', at: wasCutOff(row) ? Math.max(since, answeredAt(row)) : answeredAt(row), data }
}

/** Safe: rows hold the words of the domain, because they were written from them. */
function attemptEvent(
  { route, event, call_id }: CallbackRow,
  attempt: AttemptRow,
  since: number,
): StreamEvent {
  const { callback_id, number, target, url, via, started_at, outcome, status, total_ms, error } = attempt
  const told = { callback_id, route, event, call_id, number, target, url, via, started_at }
  const data = { ...told, outcome, status, total_ms, error } as AttemptEvent
  const endedAt = started_at + Math.ceil(total_ms ?? 0)
  return { type: 'attempt', at: outcome === 'unknown' ? Math.max(since, endedAt) : endedAt, data }
}
