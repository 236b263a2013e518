import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openSqliteLedger, type SqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'

/** A SQLite ledger in a folder of its own, with what a suite looks at beside the ledger itself. */
export async function sqliteHarness<Seen>(see: (ledger: SqliteLedger) => Seen): Promise<{
  /** The file of the ledger. */
  readonly path: string
  open(): Promise<SqliteLedger & Seen>
  end(): Promise<void>
}> {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-contract-'))
  const path = join(folder, 'ringback.db')
  return {
    path,
    async open() {
      const ledger = await openSqliteLedger({
        path,
        bodies: 'redacted',
        bodyLimit: 1024,
        replayWindowMs: 60_000,
        events: { committed: () => undefined, failed: () => undefined },
      })
      return { ...ledger, ...see(ledger) }
    },
    end: () => rm(folder, { recursive: true, force: true }),
  }
}
