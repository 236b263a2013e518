import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { pid } from 'node:process'
import { DatabaseSync } from 'node:sqlite'

import { RingbackError } from '../../errors.ts'
import { codeOf, refusalOf } from './problem.ts'

/** The process before may just be ending. */
const WAIT_MS = 1000
const BUSY = 5

/**
 * Keeps a second daemon away from a ledger: a write transaction on a database of its own, `FILE.lock`, that is open
 * for as long as the daemon runs. The operating system drops the lock with the process, however it ends, so there is
 * never a stale one to remove. `user_version` of that database says who holds it.
 *
 * @returns what lets go of it
 * @throws RingbackError when another process holds it
 */
export function lockLedger(path: string): () => void {
  const file = `${path}.lock`
  let db: DatabaseSync | undefined
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    db = new DatabaseSync(file, { timeout: WAIT_MS })
    chmodSync(file, 0o600)
    db.exec('BEGIN IMMEDIATE')
    signIn(db)
    db.exec('BEGIN IMMEDIATE')
  } catch (error) {
    const holder = codeOf(error) === BUSY ? holderOf(db) : undefined
    db?.close()
    throw holder === undefined ? refusalOf(path, error) : taken(path, holder)
  }
  const held = db
  return () => held.close()
}

/** Leaves the number of this process for others to read. A full disk is no reason not to start. */
function signIn(db: DatabaseSync): void {
  try {
    db.exec(`PRAGMA user_version = ${pid}; COMMIT`)
  } catch {
    if (db.isTransaction) db.exec('ROLLBACK')
  }
}

function holderOf(db: DatabaseSync | undefined): string {
  try {
    const pid = Number(db?.prepare('PRAGMA user_version').get()?.['user_version'])
    return pid > 0 ? ` (process ${pid})` : ''
  } catch {
    return ''
  }
}

function taken(path: string, holder: string): RingbackError {
  return new RingbackError(
    'ledger',
    `Another Ringback${holder} is running on the ledger ${path}. Stop it, or give this one a file of its own in \`store\`.`,
  )
}
