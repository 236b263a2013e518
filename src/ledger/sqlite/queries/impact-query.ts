import type { DatabaseSync, StatementSync } from 'node:sqlite'

import type { IncidentImpact } from '../../alert-store.ts'

/** More would keep the thread that writes from its work. */
const MOST = 10_000

/** Sums up what became of the callbacks of an incident; nothing where the file holds no callbacks. */
export function createImpactQuery(db: DatabaseSync): (id: string) => IncidentImpact {
  let statements: { readonly sums: StatementSync; readonly calls: StatementSync } | undefined
  return (id) => {
    statements ??= prepare(db)
    if (statements === undefined) return { callbacks: 0, calls: 0, events: [], results: {} }
    const events = new Map<string, number>()
    const results: Record<string, number> = {}
    let callbacks = 0
    for (const row of statements.sums.iterate(id, MOST)) {
      const [event, result, count] = [String(row['event']), String(row['result']), Number(row['count'])]
      events.set(event, (events.get(event) ?? 0) + count)
      results[result] = (results[result] ?? 0) + count
      callbacks += count
    }
    return {
      callbacks,
      calls: Number(statements.calls.get(id, MOST)?.['calls'] ?? 0),
      events: [...events]
        .map(([event, count]) => ({ event, callbacks: count }))
        .toSorted((a, b) => b.callbacks - a.callbacks),
      results,
    }
  }
}

/** The alert tables can stand in a file of their own. */
function prepare(db: DatabaseSync) {
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'callbacks'").get() === undefined) return undefined
  const hurt = 'SELECT callback_id FROM incident_callbacks WHERE incident_id = ? ORDER BY callback_id LIMIT ?'
  return {
    sums: db.prepare(
      `SELECT event, result, COUNT(*) AS count FROM callbacks WHERE id IN (${hurt}) GROUP BY event, result`,
    ),
    calls: db.prepare(
      `SELECT COUNT(DISTINCT call_id) AS calls FROM callbacks WHERE call_id <> '' AND id IN (${hurt})`,
    ),
  }
}
