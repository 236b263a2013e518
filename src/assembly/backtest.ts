import { type BacktestOptions, runBacktest } from '../backtest/backtest.ts'
import type { BacktestReport } from '../backtest/report.ts'
import type { Config } from '../config/schema.ts'
import { storeLocation } from '../config/store.ts'
import { RingbackError } from '../errors.ts'
import { openMemoryAlertStore } from '../ledger/sqlite/memory-alert-store.ts'
import { SqlitePast } from '../ledger/sqlite/past.ts'
import { createRouteTable } from '../routing/table.ts'
import { alertSettings } from './alert-settings.ts'
import { channelNames } from './channels.ts'

/** The engine as a configuration sets it up, over the ledger that it names; reads beside a daemon that is running. */
export async function backtest(
  config: Config,
  span: Pick<BacktestOptions, 'from' | 'to' | 'onProgress'>,
): Promise<BacktestReport> {
  const location = storeLocation(config.store)
  if (location.kind === 'postgres') {
    throw new RingbackError('usage', 'A backtest reads a ledger in SQLite; this one is in PostgreSQL.')
  }
  using past = new SqlitePast(location.path)
  using store = openMemoryAlertStore()
  const from = Math.max(span.from, past.oldestAt() ?? span.from)
  return await runBacktest({
    ...span,
    from,
    past,
    store,
    settings: alertSettings(config),
    routes: createRouteTable(config).routes,
    channels: channelNames.filter((name) => config.notify[name] !== undefined),
  })
}
