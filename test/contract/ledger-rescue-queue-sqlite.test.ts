import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openSqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { describeRescueQueue } from './ledger-rescue-queue.ts'

describeRescueQueue('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-rescue-'))
  return {
    async open() {
      const ledger = await openSqliteLedger({
        path: join(folder, 'ringback.db'),
        bodies: 'redacted',
        bodyLimit: 1024,
        replayWindowMs: 60_000,
        events: { committed: () => undefined, failed: () => undefined },
      })
      return { ...ledger, rescue: ledger.stores.rescue }
    },
    end: () => rm(folder, { recursive: true, force: true }),
  }
})
