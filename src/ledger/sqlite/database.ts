import { chmodSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { RingbackError } from '../../errors.ts'
import { migrate } from './migrations.ts'
import { refusalOf } from './problem.ts'

const LOCK_WAIT_MS = 2000
const WAL_LIMIT_BYTES = 64 * 1024 * 1024
/**
 * Pages that a connection keeps. The system keeps the file in memory as well; more here is only counted twice. Who writes
 * comes back to a few pages at the end of each table: with a third of what readers have, nothing takes longer, on 10
 * million attempts either.
 */
const WRITER_CACHE_KIB = 2 * 1024
const READER_CACHE_KIB = 6 * 1024
/** Up to this size the whole file is checked when it is opened (about 0.1 s); above it only the ends of each table. */
const FULL_CHECK_BYTES = 32 * 1024 * 1024

/**
 * Opens the ledger for writing: makes folder and file when they are missing, brings the schema up to date.
 *
 * @throws RingbackError when the file is damaged, of another program, of a newer version, or cannot be opened
 */
export function openForWriting(path: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    db = new DatabaseSync(path, { timeout: LOCK_WAIT_MS })
    if (size === 0) chmodSync(path, 0o600)
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
      PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES}; PRAGMA cache_size = -${WRITER_CACHE_KIB}; PRAGMA temp_store = MEMORY`)
    migrate(db, path)
    if (size > 0) checkIntegrity(db, path, size)
    return db
  } catch (error) {
    db?.close()
    throw refusalOf(path, error)
  }
}

/** Opens an existing ledger for reading only. */
export function openForReading(path: string): DatabaseSync {
  try {
    const db = new DatabaseSync(path, { readOnly: true, timeout: LOCK_WAIT_MS })
    db.exec(`PRAGMA cache_size = -${READER_CACHE_KIB}; PRAGMA temp_store = MEMORY`)
    return db
  } catch (error) {
    throw refusalOf(path, error)
  }
}

function checkIntegrity(db: DatabaseSync, path: string, size: number): void {
  if (size > FULL_CHECK_BYTES) {
    touchTables(db)
    return
  }
  const found = Object.values(db.prepare('PRAGMA quick_check(1)').get() ?? {})[0]
  if (found !== 'ok') {
    throw new RingbackError(
      'ledger',
      `The ledger ${path} is damaged: ${String(found)}. Move it away to start with an empty ledger, or restore a copy.`,
    )
  }
}

/** Reads the first and last row of each table: finds a file that is damaged where it is written. */
function touchTables(db: DatabaseSync): void {
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all()
  for (const { name } of tables) {
    db.prepare(`SELECT * FROM "${String(name)}" LIMIT 1`).get()
  }
  db.prepare('SELECT * FROM callbacks ORDER BY id DESC LIMIT 1').get()
  db.prepare('SELECT * FROM attempts ORDER BY callback_id DESC LIMIT 1').get()
}
