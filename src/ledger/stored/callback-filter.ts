import { firstIdAt } from '../../callback/id.ts'
import type { CallbackFilter, CallbackRow } from '../rows.ts'
import { idOfCursor } from './cursor.ts'

/** A CallbackRow of the table `callbacks AS c`, in the SQL of every store. */
export const CALLBACK_COLUMNS = `c.id, c.received_at, c.route, c.account, c.event, c.raw_event, c.call_id, c.kind, c.method, c.path,
  c.verdict, c.result, c.blame, c.note AS reason, c.attempts, c.last_outcome, c.answer_status, c.answer_ms, c.body_bytes,
  c.duplicate_of, c.peer, c.traceparent`

// What a filter of callbacks means, the same for every store.

const FAILED = ['failed', 'rescued', 'dead', 'rejected'] as const
/** Rows that are shown of one call. */
export const MOST_OF_ONE_CALL = 1000
/** Above every id. */
const END = '~'

export interface Range {
  readonly from: string
  /** Exclusive. */
  readonly to: string
}

export function newestFirst(a: CallbackRow, b: CallbackRow): number {
  return a.id < b.id ? 1 : -1
}

/** Ids that a filter's times and cursor allow; undefined when the cursor is not one. */
export function rangeOf({ since, until, after }: CallbackFilter): Range | undefined {
  const from = since === undefined ? '' : firstIdAt(since)
  const end = until === undefined ? END : firstIdAt(until)
  if (after === undefined) return { from, to: end }
  const id = idOfCursor(after)
  if (id === undefined) return undefined
  return { from, to: id < end ? id : end }
}

/**
 * The results to ask for one by one, each through the index of results; a single `undefined` walks the callbacks in
 * order. An outcome other than ok stands only on callbacks that were not delivered.
 */
export function resultsOf(filter: CallbackFilter): readonly (string | undefined)[] {
  if (filter.result !== undefined) {
    const isFailed = FAILED.some((result) => result === filter.result)
    return filter.failed === true && !isFailed ? [] : [filter.result]
  }
  if (filter.failed === true) return FAILED
  const { outcome } = filter
  return outcome === undefined || outcome === 'ok' ? [undefined] : [...FAILED, 'delivered_late', 'pending']
}

/** Results that have their own index: all but the two that most rows have. */
export function isRare(result: string | undefined): boolean {
  return result !== undefined && result !== 'delivered' && result !== 'pending'
}

/** Does a row fit that was found by its call? */
export function fits(row: CallbackRow, filter: CallbackFilter, { from, to }: Range): boolean {
  return (
    row.id >= from &&
    row.id < to &&
    (filter.route === undefined || row.route === filter.route) &&
    (filter.event === undefined || row.event === filter.event) &&
    (filter.result === undefined || row.result === filter.result) &&
    (filter.outcome === undefined || row.last_outcome === filter.outcome) &&
    (filter.retried !== true || row.attempts > 1) &&
    (filter.failed !== true || FAILED.some((result) => result === row.result))
  )
}
