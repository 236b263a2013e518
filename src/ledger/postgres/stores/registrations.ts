import type { Registration, Registrations } from '../../ledger.ts'
import { countOf, type Pool, rowsOf } from '../connection.ts'

interface Row extends Omit<Registration, 'events'> {
  readonly events: string
}

/** Per-call URLs. */
export function createRegistrations(pool: Pool): Registrations {
  return {
    async add(registration) {
      await pool.query(
        `INSERT INTO registrations SELECT * FROM json_populate_record(NULL::registrations, $1)
         ON CONFLICT (token) DO UPDATE SET target = excluded.target, fallback_target = excluded.fallback_target,
           method = excluded.method, events = excluded.events, expires_at = excluded.expires_at`,
        [JSON.stringify({ ...registration, events: JSON.stringify(registration.events) })],
      )
    },
    remove: async (token) =>
      (await countOf(pool, 'DELETE FROM registrations WHERE token = $1', [token])) !== 0,
    async list(nowMs) {
      await pool.query('DELETE FROM registrations WHERE expires_at <= $1', [nowMs])
      const rows = await rowsOf<Row>(pool, 'SELECT * FROM registrations ORDER BY created_at, token')
      return rows.map((row) => Object.assign(row, { events: JSON.parse(row.events) as readonly string[] }))
    },
  }
}
