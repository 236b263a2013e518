import { afterAll, beforeAll } from 'vitest'

import { connect, openPool } from '../../src/ledger/postgres/connection.ts'
import { migrate } from '../../src/ledger/postgres/migrations.ts'
import { PostgresPast } from '../../src/ledger/postgres/past.ts'
import { placeOf } from '../../src/ledger/postgres/place.ts'
import { openPostgresLedger } from '../../src/ledger/postgres/postgres-ledger.ts'
import { createAlertStore } from '../../src/ledger/postgres/stores/alert-store.ts'
import { PostgresServer } from '../support/postgres.ts'
import { alertStoreContract } from './alert-store.ts'
import { describeConsoleStore } from './console-store.ts'
import { describeReplayStore } from './ledger-replays.ts'
import { describeRescueQueue } from './ledger-rescue-queue.ts'
import { describePast } from './past.ts'
import { describeLedger, type LedgerHarness } from './ledger.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await PostgresServer.start()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

function open(url: string, options: Parameters<LedgerHarness['open']>[0] = {}) {
  return openPostgresLedger({
    url,
    bodies: 'redacted',
    bodyLimit: 16 * 1024,
    replayWindowMs: 600_000,
    events: { committed: () => undefined, failed: () => undefined },
    ...options,
  })
}

const harness = () => {
  const url = server.url()
  return Promise.resolve({
    open: (options?: Parameters<LedgerHarness['open']>[0]) => open(url, options),
    end: () => Promise.resolve(),
  })
}

describePast('PostgreSQL', async () => {
  const url = server.url()
  const ledger = await open(url)
  return {
    ledger,
    alerts: ledger.alerts,
    open: () => PostgresPast.open(url),
    [Symbol.asyncDispose]: () => ledger.close(),
  }
})
describeLedger('PostgreSQL', harness)
describeRescueQueue('PostgreSQL', harness)
describeReplayStore('PostgreSQL', harness)
describeConsoleStore('PostgreSQL', harness)
alertStoreContract('PostgreSQL', async () => {
  const place = placeOf(server.url())
  const client = await connect(place, { name: 'test', timeoutMs: 10_000 }, () => undefined)
  await migrate(client, place)
  await client.end()
  const pool = openPool(place, { name: 'test', timeoutMs: 10_000, most: 2 })
  return { store: createAlertStore(pool), [Symbol.asyncDispose]: () => pool.end() }
})
