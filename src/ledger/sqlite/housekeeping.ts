import type { DatabaseSync } from 'node:sqlite'

import { createAnswerTable } from './tables/answer-table.ts'

/**
 * Pages in the log after which it is copied into the file even while rows are waiting: 1.6 MB, some 10 ms. Copying 8 MB
 * at a time costs no less and held up whoever waited for the disk by 40 ms.
 */
const BUSY_PAGES = 400
/** And in a quiet moment. */
const QUIET_PAGES = 100
const FORGET_EVERY_MS = 5000

/**
 * Work between commits. Copying the write-ahead log is done here and not by SQLite inside a commit, where somebody
 * would be waiting for it.
 */
export interface Housekeeping {
  afterTurn(nowMs: number): void
  whenQuiet(nowMs: number): void
}

export function createHousekeeping(db: DatabaseSync, replayWindowMs: number): Housekeeping {
  // NOOP only reports how long the log is (https://www.sqlite.org/pragma.html#pragma_wal_checkpoint).
  const measure = db.prepare('PRAGMA wal_checkpoint(NOOP)')
  const copy = db.prepare('PRAGMA wal_checkpoint(PASSIVE)')
  const answers = createAnswerTable(db)
  let forgotAt = 0

  const copyFrom = (pages: number): void => {
    const found = measure.get()
    if (Number(found?.['log']) - Number(found?.['checkpointed']) >= pages) copy.get()
  }
  const forget = (nowMs: number): void => {
    if (nowMs - forgotAt < FORGET_EVERY_MS) return
    if (!answers.forget(nowMs - replayWindowMs)) forgotAt = nowMs
  }
  return {
    afterTurn(nowMs) {
      copyFrom(BUSY_PAGES)
      forget(nowMs)
    },
    whenQuiet(nowMs) {
      copyFrom(QUIET_PAGES)
      forget(nowMs)
    },
  }
}
