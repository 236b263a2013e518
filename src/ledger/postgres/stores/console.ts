import {
  type AuditRow,
  type ConsoleStore,
  type DiagnosisRow,
  MOST_AUDITED,
  MOST_DIAGNOSED,
} from '../../console-store.ts'
import { jsonRows, type Pool, rowsOf } from '../connection.ts'

/** What the console keeps beside the callbacks. Ids grow with time, so the oldest stand first. */
export function createConsole(pool: Pool): ConsoleStore {
  const trim = async (table: string, key: string, most: number): Promise<void> => {
    await pool.query(
      `DELETE FROM ${table} WHERE ${key} <= (SELECT ${key} FROM ${table} ORDER BY ${key} DESC LIMIT 1 OFFSET ${most})`,
    )
  }
  return {
    async audited(row) {
      await pool.query(
        `INSERT INTO audit SELECT * FROM json_populate_recordset(NULL::audit, $1) ON CONFLICT DO NOTHING`,
        [jsonRows([row])],
      )
      await trim('audit', 'id', MOST_AUDITED)
    },
    audits: ({ since = 0, who = null, limit, after = '~' }) =>
      rowsOf<AuditRow>(
        pool,
        `SELECT id, at, who, role, peer, action, reason, status FROM audit
         WHERE at >= $1 AND ($2::text IS NULL OR who = $2) AND id < $3 ORDER BY id DESC LIMIT $4`,
        [since, who, after, limit],
      ),
    async diagnosed(row) {
      await pool.query(
        `INSERT INTO diagnoses SELECT * FROM json_populate_recordset(NULL::diagnoses, $1)
         ON CONFLICT (callback_id) DO UPDATE SET at = excluded.at, words = excluded.words`,
        [jsonRows([row])],
      )
      await trim('diagnoses', 'callback_id', MOST_DIAGNOSED)
    },
    async diagnosis(callbackId) {
      const [row] = await rowsOf<DiagnosisRow>(
        pool,
        'SELECT callback_id, at, words FROM diagnoses WHERE callback_id = $1',
        [callbackId],
      )
      return row
    },
  }
}
