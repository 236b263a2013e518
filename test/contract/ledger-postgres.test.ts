import { afterAll, beforeAll, expect, test } from 'vitest'

import { backtest } from '../../src/assembly/backtest.ts'
import { loadConfig } from '../../src/config/load.ts'
import { connect, openPool } from '../../src/ledger/postgres/connection.ts'
import { migrate } from '../../src/ledger/postgres/migrations.ts'
import { PostgresPast } from '../../src/ledger/postgres/past.ts'
import { placeOf } from '../../src/ledger/postgres/place.ts'
import { openPostgresLedger } from '../../src/ledger/postgres/postgres-ledger.ts'
import { createAlertStore } from '../../src/ledger/postgres/stores/alert-store.ts'
import { PostgresServer } from '../support/postgres.ts'
import { sampleAttempt, sampleDelivery, sampleExchange } from './ledger-samples.ts'
import { alertStoreContract } from './alert-store.ts'
import { describeConsoleStore } from './console-store.ts'
import { describeReplayStore } from './ledger-replays.ts'
import { describeRescueQueue } from './ledger-rescue-queue.ts'
import { describeRetention } from './ledger-retention.ts'
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
test('a backtest over a ledger in PostgreSQL finds what happened', async () => {
  const url = server.url()
  const ledger = await open(url)
  const start = Date.UTC(2026, 10, 20, 6)
  for (const [minute, isOk] of [false, false, false, true, true].entries()) {
    const startedAt = start + minute * 60_000
    const exchange = sampleExchange({ callback: { receivedAt: startedAt }, route: { id: 'ivr' } })
    ledger.writer.keep(exchange)
    ledger.writer.attempt(exchange, sampleAttempt({ startedAt, outcome: isOk ? 'ok' : 'http_5xx' }))
    ledger.writer.settle(exchange, sampleDelivery({ result: isOk ? 'delivered' : 'failed' }))
  }
  await ledger.writer.flush()
  const text = `public_url: https://cb.example.com
store: ${url}
routes: [{ id: ivr, path: /ivr/, target: "https://ivr.example.com/", signature: off }]
`
  const { config } = loadConfig({ path: 'ringback.yaml', text, env: {} })
  const report = await backtest(config, { from: start - 3_600_000, to: start + 3_600_000 })
  await ledger.close()
  expect(report).toMatchObject({ from: start, callbacks: 5, skipped: 0 })
  expect(report.incidents).toMatchObject([
    { rule: 'consecutive_failures', route: 'ivr', callbacks: 3, lasted_ms: 2 * 60_000 },
  ])
})

describeLedger('PostgreSQL', harness)
describeRetention('PostgreSQL', harness)
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
