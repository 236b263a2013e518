import type { EventPage, EventRow, GuardPage, GuardRow } from '../ledger.ts'

/*
 * Rows of callbacks as one text, for what a start remembers of the last minutes: hundreds of thousands of them take
 * several times longer from thread to thread as objects than to be read. Made by SQL, so nothing of it is made twice.
 * Only closed-set words, ids, hashes and numbers are among the columns: none holds a control character.
 */

/** Number of the character between two columns of a row. */
export const COLUMN_END = 0x1f
/** Number of the character between two rows. */
export const ROW_END = 0x1e
const [columnEnd, rowEnd] = [String.fromCharCode(COLUMN_END), String.fromCharCode(ROW_END)]

/**
 * What a repeat is told. A callback that a crash cut off has told nothing yet: one that waits is answered for its
 * handler, any other is tried again.
 */
const TOLD = `CASE WHEN answer_status = 0 AND kind = 'notify' THEN 200 ELSE answer_status END`

/** In SQL, as both databases have it: what a row of signed requests is made of, in this order. */
export const guardColumns = ['guard_key', 'body_hash', 'id', 'result', TOLD] as const
/** The same of events. */
export const eventColumns = ['route', 'event', 'body_hash', 'id', 'result', TOLD] as const
/** Which callbacks tell of an event, in SQL. */
export const IS_EVENT = `kind = 'notify' AND call_id <> '' AND duplicate_of = ''`
/** Rows of one page. */
export const ROWS_AT_ONCE = 1_000

export function guardRowsOf({ rows, answers }: GuardPage): readonly GuardRow[] {
  const kept = new Map(answers.map((answer) => [answer.id, answer]))
  return linesOf(rows).map(([guard_key = '', body_hash = '', callback_id = '', result = '', status]) => {
    const answer = kept.get(callback_id)
    return {
      guard_key,
      body_hash,
      callback_id,
      result,
      answer_status: Number(status),
      answer_content_type: answer?.content_type ?? '',
      answer_body: answer?.body,
    }
  })
}

export function eventRowsOf({ rows }: EventPage): readonly EventRow[] {
  return linesOf(rows).map(
    ([route = '', event = '', body_hash = '', callback_id = '', result = '', status]) => ({
      route,
      event,
      body_hash,
      callback_id,
      result,
      answer_status: Number(status),
    }),
  )
}

function linesOf(rows: string): readonly string[][] {
  return rows === '' ? [] : rows.split(rowEnd).map((line) => line.split(columnEnd))
}
