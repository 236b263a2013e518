import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openSqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { describeConsoleStore } from './console-store.ts'

describeConsoleStore('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-console-'))
  return {
    async open() {
      const ledger = await openSqliteLedger({
        path: join(folder, 'ringback.db'),
        bodies: 'redacted',
        bodyLimit: 1024,
        replayWindowMs: 60_000,
        events: { committed: () => undefined, failed: () => undefined },
      })
      return { ...ledger, console: ledger.stores.console }
    },
    end: () => rm(folder, { recursive: true, force: true }),
  }
})
