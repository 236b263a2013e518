import { type Config } from '../config/schema.ts'
import { storeLocation } from '../config/store.ts'
import type { AlertStore } from '../ledger/alert-store.ts'
import type { ConsoleStore } from '../ledger/console-store.ts'
import type { Ledger, LedgerEvents, LedgerWriter } from '../ledger/ledger.ts'
import { openPostgresLedger } from '../ledger/postgres/postgres-ledger.ts'
import type { ReplayStore } from '../ledger/replay-store.ts'
import type { RescueQueue } from '../ledger/rescue-queue.ts'
import { sampleWriter } from '../ledger/sample-writer.ts'
import type { Sharing } from '../ledger/sharing.ts'
import { openSqliteLedger } from '../ledger/sqlite/sqlite-ledger.ts'
import type { SqliteThreads } from '../ledger/sqlite/threads.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics/metrics.ts'

/** The ledger that the configuration names. */
export interface OpenLedger extends Ledger {
  readonly alerts: AlertStore
  readonly rescue: RescueQueue
  readonly replays: ReplayStore
  readonly console: ConsoleStore
  /** How replicas agree; undefined for a ledger that one process has for itself. */
  readonly sharing: Sharing | undefined
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
  parts: {
    readonly metrics: Metrics
    readonly log: Log['pino']
    /** Of a SQLite ledger, where they load already. */
    readonly threads?: SqliteThreads | undefined
  },
): Promise<OpenLedger> {
  const ledger = await openStore(config, eventsFor(parts), parts.threads)
  return { ...ledger, writer: sampledWriter(ledger.writer, config.ledger.sample) }
}

async function openStore(
  config: Config,
  events: LedgerEvents,
  threads: SqliteThreads | undefined,
): Promise<OpenLedger> {
  const options = {
    bodies: config.ledger.bodies,
    bodyLimit: config.ledger.body_limit,
    replayWindowMs: config.replay_window,
    events,
  }
  const location = storeLocation(config.store)
  if (location.kind === 'postgres') return openPostgresLedger({ ...options, url: location.url.reveal() })
  const { path } = location
  const { stores, ...ledger } = await openSqliteLedger({ ...options, path }, threads)
  const { alerts, rescue, replays, console } = stores
  return { ...ledger, alerts, rescue, replays, console, sharing: undefined, location: `sqlite:${path}` }
}

function eventsFor({ metrics, log }: { readonly metrics: Metrics; readonly log: Log['pino'] }): LedgerEvents {
  let saidAt = -SAY_EVERY_MS
  let isFailing = false
  return {
    committed(rows, seconds) {
      metrics.ledgerCommitted(rows, seconds)
      if (isFailing) log.info({ rows }, 'the ledger is written again')
      isFailing = false
    },
    failed(rows, problem) {
      metrics.ledgerFailed(rows)
      isFailing = true
      if (performance.now() - saidAt < SAY_EVERY_MS) return
      saidAt = performance.now()
      log.error({ rows, problem }, 'THE LEDGER CANNOT BE WRITTEN; forwarding goes on, rescue does not')
    },
  }
}
