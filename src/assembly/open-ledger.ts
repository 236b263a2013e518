import { type Config } from '../config/schema.ts'
import { storeLocation } from '../config/store.ts'
import { RingbackError } from '../errors.ts'
import type { AlertStore } from '../ledger/alert-store.ts'
import type { ConsoleStore } from '../ledger/console-store.ts'
import type { Ledger, LedgerWriter } from '../ledger/ledger.ts'
import type { ReplayStore } from '../ledger/replay-store.ts'
import type { RescueQueue } from '../ledger/rescue-queue.ts'
import { sampleWriter } from '../ledger/sample-writer.ts'
import { openSqliteLedger } from '../ledger/sqlite/sqlite-ledger.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** The ledger that the configuration names. */
export interface OpenLedger extends Ledger {
  readonly alerts: AlertStore
  readonly rescue: RescueQueue
  readonly replays: ReplayStore
  readonly console: ConsoleStore
  /** Where it is, without credentials. */
  readonly location: string
}

function sampledWriter(writer: LedgerWriter, sample: Config['ledger']['sample']): LedgerWriter {
  const shares = new Map(Object.entries(sample))
  return shares.size === 0 ? writer : sampleWriter(writer, shares, Math.random)
}

/** How often a ledger that cannot be written says so in the log. */
const SAY_EVERY_MS = 5_000

export async function openLedger(
  config: Config,
  { metrics, log }: { readonly metrics: Metrics; readonly log: Log['pino'] },
): Promise<OpenLedger> {
  const location = storeLocation(config.store)
  if (location.kind === 'postgres') {
    throw new RingbackError('config', 'store: this version keeps its ledger in SQLite; write sqlite:PATH')
  }
  let saidAt = -SAY_EVERY_MS
  const ledger = await openSqliteLedger({
    path: location.path,
    bodies: config.ledger.bodies,
    bodyLimit: config.ledger.body_limit,
    replayWindowMs: config.replay_window,
    events: {
      committed: (rows, seconds) => metrics.ledgerCommitted(rows, seconds),
      failed: (rows, problem) => {
        metrics.ledgerFailed(rows)
        if (performance.now() - saidAt < SAY_EVERY_MS) return
        saidAt = performance.now()
        log.error({ rows, problem }, 'THE LEDGER CANNOT BE WRITTEN; forwarding goes on, rescue does not')
      },
    },
  })
  return {
    writer: sampledWriter(ledger.writer, config.ledger.sample),
    reader: ledger.reader,
    registrations: ledger.registrations,
    retention: ledger.retention,
    alerts: ledger.stores.alerts,
    rescue: ledger.stores.rescue,
    replays: ledger.stores.replays,
    console: ledger.stores.console,
    location: `sqlite:${location.path}`,
    close: () => ledger.close(),
  }
}
