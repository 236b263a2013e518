import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  openSqliteLedger,
  type SqliteLedger,
  type SqliteLedgerOptions,
} from '../../../../src/ledger/sqlite/sqlite-ledger.ts'
import type { SqliteThreads } from '../../../../src/ledger/sqlite/threads.ts'

/** A ledger in a folder of its own, with what it told of its commits. */
export interface LedgerFile {
  readonly path: string
  /** Rows of each batch. */
  readonly commits: readonly number[]
  readonly failures: { readonly rows: number; readonly problem: string }[]
  open(options?: Partial<SqliteLedgerOptions>, threads?: SqliteThreads): Promise<SqliteLedger>
  end(): Promise<void>
}

export async function createLedgerFile(folder?: string): Promise<LedgerFile> {
  const home = folder ?? (await mkdtemp(join(tmpdir(), 'ringback-ledger-')))
  const path = join(home, 'ringback.db')
  const failures: { rows: number; problem: string }[] = []
  const commits: number[] = []
  const open: SqliteLedger[] = []
  return {
    path,
    commits,
    failures,
    async open(options = {}, threads) {
      const all: SqliteLedgerOptions = {
        path,
        bodies: 'redacted',
        bodyLimit: 16 * 1024,
        replayWindowMs: 600_000,
        events: {
          committed: (rows) => commits.push(rows),
          failed: (rows, problem) => failures.push({ rows, problem }),
        },
        ...options,
      }
      const ledger = await openSqliteLedger(all, threads)
      open.push(ledger)
      return ledger
    },
    async end() {
      for (const ledger of open) await ledger.close().catch(() => undefined)
      if (folder === undefined) await rm(home, { recursive: true, force: true })
    },
  }
}

/** Turns a ledger back to the schema before callbacks were looked up in tables of their own. */
export const TO_VERSION_10 = `DROP TABLE calls; DROP TABLE route_events;
  ALTER TABLE state DROP COLUMN calls_to; ALTER TABLE state DROP COLUMN route_events_to;
  CREATE INDEX callbacks_by_event ON callbacks (event, id);
  CREATE INDEX callbacks_by_call ON callbacks (bucket, call_hash) WHERE call_hash IS NOT NULL;
  CREATE INDEX callbacks_by_route_event ON callbacks (route, event, id);
  PRAGMA user_version = 10`
