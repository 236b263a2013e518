import type { DatabaseSync } from 'node:sqlite'

import { firstIdAt } from '../../../callback/id.ts'
import type { SettledRecord } from '../../codec/records.ts'

/** Xml answers of the last minutes, so that a repeat of a signed request is answered as before also after a restart. */
export interface AnswerTable {
  keep(settled: SettledRecord): void
  /** Deletes some answers to callbacks that arrived before a moment. @returns true when there may be more */
  forget(beforeMs: number): boolean
}

const FORGET_AT_ONCE = 500

export function createAnswerTable(db: DatabaseSync): AnswerTable {
  const insert = db.prepare('INSERT OR REPLACE INTO answers (id, content_type, body) VALUES (?, ?, ?)')
  const remove = db.prepare(
    'DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE id < ? ORDER BY id LIMIT ?)',
  )
  return {
    keep({ callbackId, answer }) {
      if (answer !== undefined) insert.run(callbackId, answer.contentType, answer.body)
    },
    forget: (beforeMs) => remove.run(firstIdAt(beforeMs), FORGET_AT_ONCE).changes === FORGET_AT_ONCE,
  }
}
