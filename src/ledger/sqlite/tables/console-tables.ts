import type { DatabaseSync } from 'node:sqlite'

import {
  type AuditRow,
  type DiagnosisRow,
  MOST_AUDITED,
  MOST_DIAGNOSED,
  type SynchronousConsoleStore,
} from '../../console-store.ts'

/** Safe to run again. */
const TABLES = `
CREATE TABLE IF NOT EXISTS audit (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  role TEXT NOT NULL,
  peer TEXT NOT NULL,
  action TEXT NOT NULL,
  reason TEXT NOT NULL,
  status INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS diagnoses (
  callback_id TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  words TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`

/** Makes its tables when they are missing. Ids grow with time, so the oldest stand first. */
export function openConsoleStore(db: DatabaseSync): SynchronousConsoleStore {
  db.exec(TABLES)
  const insertAudit = db.prepare(
    'INSERT OR IGNORE INTO audit (id, at, who, role, peer, action, reason, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const audits = db.prepare(`SELECT id, at, who, role, peer, action, reason, status FROM audit
    WHERE at >= ? AND (? IS NULL OR who = ?) AND id < ? ORDER BY id DESC LIMIT ?`)
  const insertDiagnosis = db.prepare(
    'INSERT OR REPLACE INTO diagnoses (callback_id, at, words) VALUES (?, ?, ?)',
  )
  const diagnosis = db.prepare('SELECT callback_id, at, words FROM diagnoses WHERE callback_id = ?')
  const trim = (table: string, key: string, most: number) =>
    db.prepare(
      `DELETE FROM ${table} WHERE ${key} <= (SELECT ${key} FROM ${table} ORDER BY ${key} DESC LIMIT 1 OFFSET ${most})`,
    )
  const trimAudit = trim('audit', 'id', MOST_AUDITED)
  const trimDiagnoses = trim('diagnoses', 'callback_id', MOST_DIAGNOSED)
  return {
    audited({ id, at, who, role, peer, action, reason, status }) {
      insertAudit.run(id, at, who, role, peer, action, reason, status)
      trimAudit.run()
    },
    audits: ({ since = 0, who = null, limit, after = '~' }) =>
      audits.all(since, who, who, after, limit) as unknown as readonly AuditRow[],
    diagnosed({ callback_id: id, at, words }) {
      insertDiagnosis.run(id, at, words)
      trimDiagnoses.run()
    },
    diagnosis: (id) => diagnosis.get(id) as unknown as DiagnosisRow | undefined,
  }
}
