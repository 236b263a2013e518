import { existsSync } from 'node:fs'

import { firstIdAt } from '../../callback/id.ts'
import { RingbackError } from '../../errors.ts'
import type { Past, PastCallback, PastIncident, PastRefusal } from '../past.ts'
import type { RouteStretch } from '../rows.ts'
import { type AttemptColumns, byCallback, type CallbackColumns, PAST_PAGE } from '../stored/past-rows.ts'
import { openForReading } from './database.ts'
import { createHistoryQuery } from './queries/route-query.ts'

const HOUR_MS = 3_600_000

/** A ledger file read from the oldest row to the newest, beside the daemon that may be writing it. */
export class SqlitePast implements Past {
  readonly #db: ReturnType<typeof openForReading>

  /** @throws RingbackError when there is no such file or it cannot be read */
  constructor(path: string) {
    if (!existsSync(path)) throw new RingbackError('not_found', `There is no ledger at ${path}.`)
    this.#db = openForReading(path)
  }

  // oxlint-disable-next-line typescript/require-await -- another store needs the time
  async *callbacks(from: number, to: number): AsyncGenerator<readonly PastCallback[], undefined> {
    const page = this.#db
      .prepare(`SELECT id, received_at, route, event, call_id, method, result, duplicate_of,
        answer_status, answer_ms
      FROM callbacks WHERE id > ? AND id < ? ORDER BY id LIMIT ${PAST_PAGE}`)
    const attempts = this.#db
      .prepare(`SELECT callback_id, number, target, url, via, started_at, outcome, status,
        total_ms, error
      FROM attempts WHERE callback_id >= ? AND callback_id <= ? ORDER BY callback_id, number`)
    const end = firstIdAt(to)
    for (let after = firstIdAt(from); ;) {
      const rows = page.all(after, end) as unknown as CallbackColumns[]
      const [first, last] = [rows[0], rows.at(-1)]
      if (first === undefined || last === undefined) return undefined
      const found = attempts.all(first.id, last.id) as unknown as AttemptColumns[]
      yield byCallback(rows, found)
      after = last.id
    }
  }

  refusals(from: number, to: number): Promise<readonly PastRefusal[]> {
    const rows = this.#db.prepare(
      'SELECT received_at, route, reason FROM refusals WHERE id >= ? AND id < ? ORDER BY id',
    )
    return Promise.resolve(rows.all(firstIdAt(from), firstIdAt(to)) as unknown as PastRefusal[])
  }

  hours(from: number): Promise<readonly RouteStretch[]> {
    return Promise.resolve(createHistoryQuery(this.#db)(from, HOUR_MS))
  }

  incidents(from: number, to: number): Promise<readonly PastIncident[]> {
    const rows = this.#db.prepare(
      'SELECT rule, route, opened_at FROM incidents WHERE opened_at >= ? AND opened_at < ? ORDER BY opened_at',
    )
    return Promise.resolve(rows.all(from, to) as unknown as PastIncident[])
  }

  oldestAt(): Promise<number | undefined> {
    const at = this.#db.prepare('SELECT received_at AS at FROM callbacks ORDER BY id LIMIT 1').get()?.['at']
    return Promise.resolve(typeof at === 'number' ? at : undefined)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#db.close()
    return Promise.resolve()
  }
}
