import { firstIdAt } from '../../callback/id.ts'
import { byCallback, type CallbackColumns, type AttemptColumns, PAST_PAGE } from '../stored/past-rows.ts'
import type { Past, PastCallback, PastIncident, PastRefusal } from '../past.ts'
import type { RouteStretch } from '../rows.ts'
import { openPool, type Pool, rowsOf } from './connection.ts'
import { placeOf } from './place.ts'
import { refusalOf } from './problem.ts'
import { historyOf } from './queries/route-query.ts'

const HOUR_MS = 3_600_000
/** A page of a big ledger on a busy server. */
const TIMEOUT_MS = 60_000

/** A ledger in PostgreSQL read from the oldest row to the newest, beside the daemons that may be writing it. */
export class PostgresPast implements Past {
  readonly #pool: Pool

  private constructor(pool: Pool) {
    this.#pool = pool
  }

  /** @throws RingbackError when the database cannot be reached or holds no ledger */
  static async open(url: string): Promise<PostgresPast> {
    const place = placeOf(url)
    const pool = openPool(place, { name: 'backtest', timeoutMs: TIMEOUT_MS, most: 1, isReadOnly: true })
    try {
      await rowsOf(pool, 'SELECT 1 FROM callbacks LIMIT 1')
    } catch (error) {
      await pool.end()
      throw refusalOf(place.location, error)
    }
    return new PostgresPast(pool)
  }

  async *callbacks(from: number, to: number): AsyncGenerator<readonly PastCallback[], undefined> {
    const end = firstIdAt(to)
    for (let after = firstIdAt(from); ;) {
      const rows = await rowsOf<CallbackColumns>(
        this.#pool,
        `SELECT id, received_at, route, event, call_id, method, result, duplicate_of, answer_status, answer_ms
         FROM callbacks WHERE id > $1 AND id < $2 ORDER BY id LIMIT ${PAST_PAGE}`,
        [after, end],
      )
      const [first, last] = [rows[0], rows.at(-1)]
      if (first === undefined || last === undefined) return undefined
      const attempts = await rowsOf<AttemptColumns>(
        this.#pool,
        `SELECT callback_id, number, target, url, via, started_at, outcome, status, total_ms, error
         FROM attempts WHERE callback_id >= $1 AND callback_id <= $2 ORDER BY callback_id, number`,
        [first.id, last.id],
      )
      yield byCallback(rows, attempts)
      after = last.id
    }
  }

  refusals(from: number, to: number): Promise<readonly PastRefusal[]> {
    return rowsOf<PastRefusal>(
      this.#pool,
      'SELECT received_at, route, reason FROM refusals WHERE id >= $1 AND id < $2 ORDER BY id',
      [firstIdAt(from), firstIdAt(to)],
    )
  }

  hours(from: number): Promise<readonly RouteStretch[]> {
    return historyOf(this.#pool, from, HOUR_MS)
  }

  incidents(from: number, to: number): Promise<readonly PastIncident[]> {
    return rowsOf<PastIncident>(
      this.#pool,
      'SELECT rule, route, opened_at FROM incidents WHERE opened_at >= $1 AND opened_at < $2 ORDER BY opened_at',
      [from, to],
    )
  }

  async oldestAt(): Promise<number | undefined> {
    const [row] = await rowsOf<{ at: number }>(
      this.#pool,
      'SELECT received_at AS at FROM callbacks ORDER BY id LIMIT 1',
    )
    return row?.at
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end()
  }
}
