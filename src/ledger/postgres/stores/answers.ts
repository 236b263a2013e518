import { firstIdAt } from '../../../callback/id.ts'
import type { Queryable } from '../connection.ts'

/** Deletes xml answers to callbacks that arrived before a moment. */
export async function forgetAnswers(db: Queryable, beforeMs: number): Promise<void> {
  await db.query('DELETE FROM answers WHERE id < $1', [firstIdAt(beforeMs)])
}
