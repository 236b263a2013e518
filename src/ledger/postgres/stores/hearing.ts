import type { Heard } from '../../sharing.ts'
import { type Queryable, rowsOf } from '../connection.ts'

interface Decided {
  readonly writer: number
  readonly ticket: number
  readonly facts: string
}

/** Longer than any pause between two questions, short enough to stay small. */
const KEPT = `interval '60 seconds'`

/**
 * What other writers decided, from the notes that go with their batches. A writer's batches are committed one after the
 * other, so its newest ticket says what was heard of it.
 */
export class Hearing {
  readonly #db: Queryable
  readonly #writer: number
  #heard: Map<number, number> | undefined

  constructor(db: Queryable, writer: number) {
    this.#db = db
    this.#writer = writer
  }

  async heard(): Promise<Heard> {
    const known = this.#heard ?? new Map<number, number>()
    const rows = await rowsOf<Decided>(
      this.#db,
      `SELECT d.writer, d.ticket, d.facts FROM decided AS d
         LEFT JOIN unnest($2::integer[], $3::bigint[]) AS seen(writer, ticket) ON seen.writer = d.writer
       WHERE d.writer <> $1 AND d.ticket > coalesce(seen.ticket, 0) ORDER BY d.at, d.writer, d.ticket`,
      [this.#writer, [...known.keys()], [...known.values()]],
    )
    const isFirst = this.#heard === undefined
    this.#heard = known
    for (const { writer, ticket } of rows) known.set(writer, Math.max(ticket, known.get(writer) ?? 0))
    const facts = isFirst ? [] : rows.map((row) => JSON.parse(row.facts) as Heard)
    return {
      callbacks: facts.flatMap(({ callbacks }) => callbacks),
      refusals: facts.flatMap(({ refusals }) => refusals),
    }
  }

  async forget(): Promise<void> {
    await this.#db.query(`DELETE FROM decided WHERE at < now() - ${KEPT}`)
  }
}
