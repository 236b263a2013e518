import type { Config } from '../config/schema.ts'
import { storeLocation } from '../config/store.ts'
import { loadSqliteThreads, type SqliteThreads } from '../ledger/sqlite/threads.ts'

/** The threads of the ledger that the configuration names, so that they load while everything else does. */
export function loadLedgerThreads(config: Pick<Config, 'store'>): SqliteThreads | undefined {
  return storeLocation(config.store).kind === 'sqlite' ? loadSqliteThreads() : undefined
}
