import { randomUUID } from 'node:crypto'

import type { AlertStore } from '../alert-store.ts'
import type { ConsoleStore } from '../console-store.ts'
import type { Ledger, LedgerEvents, LedgerReader, Registrations, Retention } from '../ledger.ts'
import { createRemote } from '../remote.ts'
import type { ReplayStore } from '../replay-store.ts'
import type { RescueQueue } from '../rescue-queue.ts'
import type { Sharing } from '../sharing.ts'
import { GroupWriter } from '../writing/group-writer.ts'
import { startThread, type StartedThread } from '../writing/thread.ts'
import { WriterLink } from '../writing/writer-link.ts'
import { ThreadLink } from '../thread-link.ts'
import { placeOf } from './place.ts'
import { NearSharing } from './near-sharing.ts'
import type { StoreData, WriterData } from './protocol.ts'
import type { LeadNotice } from './store-host.ts'
import type { LeadState } from './stores/lead.ts'

export interface PostgresLedgerOptions {
  /** `postgres://user:password@host/database`, with `?schema=NAME` where the tables are not to be in `ringback`. */
  readonly url: string
  readonly bodies: 'full' | 'redacted' | 'none'
  /** Most bytes of one body that are kept for display. */
  readonly bodyLimit: number
  /** How long xml answers are remembered for repeats of signed requests, milliseconds. */
  readonly replayWindowMs: number
  readonly events: LedgerEvents
  /** Most refused requests that are kept. */
  readonly refusalLimit?: number | undefined
  /** Rows and bytes that may wait in memory while the database cannot be written. */
  readonly maxQueuedRows?: number | undefined
  readonly maxQueuedBytes?: number | undefined
}

export interface PostgresLedger extends Ledger {
  readonly alerts: AlertStore
  readonly rescue: RescueQueue
  readonly replays: ReplayStore
  readonly console: ConsoleStore
  readonly sharing: Sharing
  /** Host, port and database; holds no credentials. */
  readonly location: string
}

const REFUSAL_LIMIT = 100_000
const QUEUED_ROWS = 100_000
const QUEUED_BYTES = 64 * 1024 * 1024

/**
 * Opens the ledger in a PostgreSQL database that any number of processes share: one thread commits, one answers
 * questions. What processes that are gone left under way is settled first.
 *
 * @throws RingbackError when the database cannot be reached or used
 */
export async function openPostgresLedger(options: PostgresLedgerOptions): Promise<PostgresLedger> {
  const { bodies, bodyLimit, events, replayWindowMs } = options
  const place = placeOf(options.url)
  const { stores, near, sharing, session } = await openStores({
    place,
    session: randomUUID(),
    replayWindowMs,
  })

  const writer: GroupWriter = new GroupWriter(
    {
      events,
      replyLimit: bodies === 'none' ? 0 : bodyLimit,
      maxRows: options.maxQueuedRows ?? QUEUED_ROWS,
      maxBytes: options.maxQueuedBytes ?? QUEUED_BYTES,
    },
    (turn) => link.send(turn),
  )
  const commit: WriterData = {
    place,
    writer: await session.number(),
    bodies,
    bodyLimit,
    refusalLimit: options.refusalLimit ?? REFUSAL_LIMIT,
  }
  const { link } = await WriterLink.start(
    commit,
    {
      done: (result) => writer.done(result),
      ended: (problem) => writer.ended(problem),
      couldNotRestart: (problem) => writer.couldNotRestart(problem),
      restarted: () => writer.restarted(),
    },
    { name: 'postgres-writer-thread', from: import.meta.url },
  )

  return {
    writer,
    reader: near('reader') as LedgerReader,
    registrations: near('registrations') as Registrations,
    retention: near('retention') as Retention,
    alerts: near('alerts') as AlertStore,
    rescue: near('rescue') as RescueQueue,
    replays: near('replays') as ReplayStore,
    console: near('console') as ConsoleStore,
    sharing,
    location: place.location,
    async close() {
      await writer.flush().catch(() => undefined) // what is lost is said by writer.close
      await link.close()
      await stores.close()
      writer.close()
    },
  }
}

/** The thread of the stores: the near side of each by its name, and how this process stands to the others. */
async function openStores(data: StoreData) {
  let methods: StartedThread['ready']['stores'] = {}
  const near = (name: string): object =>
    createRemote(methods[name] as never[], (method, args) => stores.ask(name, method, args))
  const sharing = new NearSharing(() => (near('hearing') as Pick<Sharing, 'heard'>).heard())
  const stores: ThreadLink = new ThreadLink(
    async () => {
      const started = await startThread({ name: 'store-thread', from: import.meta.url }, data)
      methods = started.ready.stores
      return started
    },
    { onNotice: (notice) => sharing.told(notice as LeadNotice) },
  )
  await stores.start()
  const session = near('session') as { number(): Promise<number>; lead(): Promise<LeadState> }
  sharing.told({ notice: 'lead', state: await session.lead() })
  return { stores, near, sharing, session }
}
