import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openSqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { describeRetention } from './ledger-retention.ts'
import { describeLedger, type LedgerHarness } from './ledger.ts'

const harness = async (): Promise<LedgerHarness> => {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-ledger-'))
  return {
    open: (options = {}) =>
      openSqliteLedger({
        path: join(folder, 'data', 'ringback.db'),
        bodies: 'redacted',
        bodyLimit: 16 * 1024,
        replayWindowMs: 600_000,
        events: { committed: () => undefined, failed: () => undefined },
        ...options,
      }),
    end: () => rm(folder, { recursive: true, force: true }),
  }
}

describeLedger('SQLite', harness)
describeRetention('SQLite', harness)
