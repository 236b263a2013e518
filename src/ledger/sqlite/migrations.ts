import type { DatabaseSync } from 'node:sqlite'

import { RingbackError } from '../../errors.ts'
import { LEDGER_TABLES } from './migrations/001-ledger.ts'
import { REPLAY_TABLES } from './migrations/002-replays.ts'
import { FILTER_INDEXES } from './migrations/003-filters.ts'
import { UNDER_WAY_TABLE } from './migrations/004-under-way.ts'
import { JOURNAL_TABLE } from './migrations/005-journal.ts'
import { JOURNAL_TICKETS } from './migrations/006-journal-tickets.ts'
import { DAYS } from './migrations/007-days.ts'
import { WITHOUT_ROUTE_INDEX } from './migrations/008-routes.ts'
import { WITHOUT_JOURNAL } from './migrations/009-secured-files.ts'
import { UNSUMMED_TABLE } from './migrations/010-unsummed.ts'
import { LOOK_UPS } from './migrations/011-look-ups.ts'
import { inTransaction } from './transaction.ts'

/** In order; `PRAGMA user_version` holds how many were applied. A released one is never changed. */
const migrations: readonly string[] = [
  LEDGER_TABLES,
  REPLAY_TABLES,
  FILTER_INDEXES,
  UNDER_WAY_TABLE,
  JOURNAL_TABLE,
  JOURNAL_TICKETS,
  DAYS,
  WITHOUT_ROUTE_INDEX,
  WITHOUT_JOURNAL,
  UNSUMMED_TABLE,
  LOOK_UPS,
]

/**
 * A new ledger has a name from its first moment, by which files left beside another one are not taken for its own. One
 * that a version before made stays without: what its first process secured is known by that.
 */
const NAME = 'UPDATE state SET session = lower(hex(randomblob(16)))'

/** Marks the file as a ledger of Ringback: "RBLG" (https://www.sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x52_42_4c_47

/**
 * Brings a file to the schema of this version, each step whole or not at all.
 *
 * @throws RingbackError when the file belongs to another program or to a newer version
 */
export function migrate(db: DatabaseSync, path: string): void {
  const version = pragma(db, 'user_version')
  const owner = pragma(db, 'application_id')
  if (owner !== APPLICATION_ID && (owner !== 0 || !isEmpty(db))) {
    throw new RingbackError(
      'ledger',
      `${path} is a database of another program. Point \`store\` at another file, or move this one away.`,
    )
  }
  if (version > migrations.length) {
    throw new RingbackError(
      'ledger',
      `${path} was written by a newer version of Ringback (schema ${version}, this version knows ${migrations.length}). ` +
        'Install that version again, or point `store` at another file.',
    )
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue
    inTransaction(db, () => {
      db.exec(sql)
      if (index === 0) db.exec(NAME)
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${index + 1}`)
    })
  }
}

export function pragma(db: DatabaseSync, name: string): number {
  const row = db.prepare(`PRAGMA ${name}`).get()
  return Number(Object.values(row ?? {})[0] ?? 0)
}

function isEmpty(db: DatabaseSync): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
}
