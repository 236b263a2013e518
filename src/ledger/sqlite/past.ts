import { existsSync } from 'node:fs'

import { firstIdAt } from '../../callback/id.ts'
import { RingbackError } from '../../errors.ts'
import type { Past, PastAttempt, PastCallback, PastIncident, PastRefusal } from '../past.ts'
import type { RouteStretch } from '../rows.ts'
import { openForReading } from './database.ts'
import { createHistoryQuery } from './queries/route-query.ts'

type CallbackColumns = Omit<PastCallback, 'attempts'>
type AttemptColumns = PastAttempt & { readonly callback_id: string }

const PAGE = 2000
const HOUR_MS = 3_600_000

/** A ledger file read from the oldest row to the newest, beside the daemon that may be writing it. */
export class SqlitePast implements Past, Disposable {
  readonly #db: ReturnType<typeof openForReading>

  /** @throws RingbackError when there is no such file or it cannot be read */
  constructor(path: string) {
    if (!existsSync(path)) throw new RingbackError('not_found', `There is no ledger at ${path}.`)
    this.#db = openForReading(path)
  }

  /** Callbacks with their attempts, in the order of arrival; read page by page. */
  *callbacks(from: number, to: number): Generator<PastCallback, undefined> {
    const page = this.#db
      .prepare(`SELECT id, received_at, route, event, call_id, method, result, duplicate_of,
        answer_status, answer_ms
      FROM callbacks WHERE id > ? AND id < ? ORDER BY id LIMIT ${PAGE}`)
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
      const byCallback = Map.groupBy(found, ({ callback_id }) => callback_id)
      for (const row of rows) yield Object.assign(row, { attempts: byCallback.get(row.id) ?? [] })
      after = last.id
    }
  }

  refusals(from: number, to: number): readonly PastRefusal[] {
    const rows = this.#db.prepare(
      'SELECT received_at, route, reason FROM refusals WHERE id >= ? AND id < ? ORDER BY id',
    )
    return rows.all(firstIdAt(from), firstIdAt(to)) as unknown as PastRefusal[]
  }

  hours(from: number): RouteStretch[] {
    return createHistoryQuery(this.#db)(from, HOUR_MS)
  }

  incidents(from: number, to: number): readonly PastIncident[] {
    const rows = this.#db.prepare(
      'SELECT rule, route, opened_at FROM incidents WHERE opened_at >= ? AND opened_at < ? ORDER BY opened_at',
    )
    return rows.all(from, to) as unknown as PastIncident[]
  }

  /** When the oldest callback that is kept arrived; undefined when there is none. */
  oldestAt(): number | undefined {
    const at = this.#db.prepare('SELECT received_at AS at FROM callbacks ORDER BY id LIMIT 1').get()?.['at']
    return typeof at === 'number' ? at : undefined
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }
}
