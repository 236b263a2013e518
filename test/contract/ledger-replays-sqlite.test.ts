import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { openSqliteLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts'
import { describeReplayStore } from './ledger-replays.ts'

describeReplayStore('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ringback-replays-'))
  return {
    async open() {
      const ledger = await openSqliteLedger({
        path: join(folder, 'ringback.db'),
        bodies: 'redacted',
        bodyLimit: 1024,
        replayWindowMs: 60_000,
        events: { committed: () => undefined, failed: () => undefined },
      })
      return { ...ledger, replays: ledger.stores.replays }
    },
    end: () => rm(folder, { recursive: true, force: true }),
  }
})
