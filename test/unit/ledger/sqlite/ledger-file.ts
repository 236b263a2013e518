import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  openSqliteLedger,
  type SqliteLedger,
  type SqliteLedgerOptions,
} from '../../../../src/ledger/sqlite/sqlite-ledger.ts'

/** A ledger in a folder of its own, with what it told of its commits. */
export interface LedgerFile {
  readonly path: string
  /** Rows of each batch. */
  readonly commits: readonly number[]
  readonly failures: { readonly rows: number; readonly problem: string }[]
  open(options?: Partial<SqliteLedgerOptions>): Promise<SqliteLedger>
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
    async open(options = {}) {
      const ledger = await openSqliteLedger({
        path,
        bodies: 'redacted',
        bodyLimit: 16 * 1024,
        replayWindowMs: 600_000,
        events: {
          committed: (rows) => commits.push(rows),
          failed: (rows, problem) => failures.push({ rows, problem }),
        },
        ...options,
      })
      open.push(ledger)
      return ledger
    },
    async end() {
      for (const ledger of open) await ledger.close().catch(() => undefined)
      if (folder === undefined) await rm(home, { recursive: true, force: true })
    },
  }
}
