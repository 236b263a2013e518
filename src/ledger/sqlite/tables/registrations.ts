import type { DatabaseSync } from 'node:sqlite'

import type { Registration } from '../../ledger.ts'

/** Per-call URLs as the writer thread keeps them. */
export interface RegistrationStore {
  add(registration: Registration): void
  remove(token: string): boolean
  /** All that have not expired; forgets those that have. */
  list(nowMs: number): readonly Registration[]
}

interface Row extends Omit<Registration, 'events'> {
  readonly events: string
}

export function createRegistrationStore(db: DatabaseSync): RegistrationStore {
  const insert = db.prepare(
    `INSERT OR REPLACE INTO registrations
      (token, account, call_id, route, target, fallback_target, method, events, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const remove = db.prepare('DELETE FROM registrations WHERE token = ?')
  const expire = db.prepare('DELETE FROM registrations WHERE expires_at <= ?')
  const select = db.prepare('SELECT * FROM registrations ORDER BY created_at, token')
  return {
    add(registration) {
      insert.run(
        registration.token,
        registration.account,
        registration.call_id,
        registration.route,
        registration.target,
        registration.fallback_target,
        registration.method,
        JSON.stringify(registration.events),
        registration.created_at,
        registration.expires_at,
      )
    },
    remove: (token) => remove.run(token).changes !== 0,
    list(nowMs) {
      expire.run(nowMs)
      const rows = select.all() as unknown as readonly Row[]
      return rows.map((row) => Object.assign(row, { events: JSON.parse(row.events) as readonly string[] }))
    },
  }
}
