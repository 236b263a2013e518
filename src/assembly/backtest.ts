import { type BacktestOptions, runBacktest } from '../backtest/backtest.ts'
import type { BacktestReport } from '../backtest/report.ts'
import type { Config } from '../config/schema.ts'
import { storeLocation } from '../config/store.ts'
import { PostgresPast } from '../ledger/postgres/past.ts'
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
  await using past =
    location.kind === 'postgres'
      ? await PostgresPast.open(location.url.reveal())
      : new SqlitePast(location.path)
  using store = openMemoryAlertStore()
  const from = Math.max(span.from, (await past.oldestAt()) ?? span.from)
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
