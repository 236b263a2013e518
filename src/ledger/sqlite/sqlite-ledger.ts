import { randomUUID } from 'node:crypto'

import type { Ledger, LedgerEvents } from '../ledger.ts'
import { createRemote, type Remote } from '../remote.ts'
import { ThreadLink } from '../thread-link.ts'
import { BesideFiles } from './beside-files.ts'
import { lockLedger } from './file-lock.ts'
import { NO_ROW } from '../writing/call-desk.ts'
import { GroupWriter, type GroupWriterOptions } from '../writing/group-writer.ts'
import { readerMethods, type ReaderStore } from './reader-store.ts'
import type { LedgerPosition, WriterData } from '../writing/protocol.ts'
import { createRetention } from './retention.ts'
import type { Stores } from './stores.ts'
import { loadSqliteThreads, readerStarter, type SqliteThreads, writerThread } from './threads.ts'
import { WriterLink } from '../writing/writer-link.ts'

export interface SqliteLedgerOptions {
  /** The file; made, with its folder, when it is missing. */
  readonly path: string
  readonly bodies: 'full' | 'redacted' | 'none'
  /** Most bytes of one body that are kept for display. */
  readonly bodyLimit: number
  /** How long xml answers are remembered for repeats of signed requests, milliseconds. */
  readonly replayWindowMs: number
  readonly events: LedgerEvents
  /** Most refused requests that are kept. */
  readonly refusalLimit?: number | undefined
  /** Rows and bytes that may wait in memory while the file cannot be written. */
  readonly maxQueuedRows?: number | undefined
  readonly maxQueuedBytes?: number | undefined
}

export interface SqliteLedger extends Ledger {
  /** The small stores that the writer thread hosts, by name. */
  readonly stores: { readonly [Name in keyof Stores]: Remote<Stores[Name]> }
}

const REFUSAL_LIMIT = 100_000
const QUEUED_ROWS = 100_000
const QUEUED_BYTES = 64 * 1024 * 1024
/** A reader that nobody asks costs some 10 MB; a new one is there in 30 ms. */
const READER_IDLE_MS = 10_000

const NO_POSITION: LedgerPosition = { session: '', ticket: 0 }

/**
 * Opens the ledger in a SQLite file: one thread writes, one reads. Callbacks that a crash cut off are settled first.
 *
 * @throws RingbackError when the file is in use, damaged, of another program, of a newer version, or cannot be opened
 */
export async function openSqliteLedger(
  options: SqliteLedgerOptions,
  threads: SqliteThreads = loadSqliteThreads(),
): Promise<SqliteLedger> {
  let unlock: (() => void) | undefined
  try {
    unlock = lockLedger(options.path)
    return await openLocked(options, threads, unlock)
  } catch (error) {
    await Promise.all([threads.writer.end(), threads.reader.end()])
    unlock?.()
    throw error
  }
}

/** Stores on the writer thread. Old rows are deleted whatever is new, so retention waits for no row. */
function nearStores(
  names: Readonly<Record<string, readonly string[]>>,
  writer: GroupWriter,
): SqliteLedger['stores'] {
  const near = Object.entries(names).map(([store, methods]) => {
    const after = store === 'retention' ? NO_ROW : undefined
    return [
      store,
      createRemote(methods as never[], async (method, args) => writer.call(store, method, args, after)),
    ] as const
  })
  return Object.fromEntries(near) as unknown as SqliteLedger['stores']
}

async function openLocked(
  options: SqliteLedgerOptions,
  threads: SqliteThreads,
  unlock: () => void,
): Promise<SqliteLedger> {
  const { path, events } = options
  const beside = new BesideFiles()
  const writer: GroupWriter = new GroupWriter(groupOptions(options, beside), (turn) => link.send(turn))
  const data = writerData(options)
  const {
    link,
    stores: names,
    setAside,
    position,
  } = await WriterLink.start(
    data,
    {
      done: (result) => writer.done(result),
      ended: (problem) => writer.ended(problem),
      couldNotRestart: (problem) => writer.couldNotRestart(problem),
      restarted: () => writer.restarted(),
    },
    writerThread,
    threads.writer,
  )
  if (setAside !== undefined) events.failed(setAside.rows, setAside.problem)
  const stores = nearStores(names, writer)
  const readers = new ThreadLink(readerStarter(threads.reader, path), { idleMs: READER_IDLE_MS })
  try {
    beside.open(path, data.session, position ?? NO_POSITION)
    await readers.start()
  } catch (error) {
    await link.close()
    beside.close()
    throw error
  }

  return {
    writer,
    reader: createRemote<ReaderStore>(readerMethods, (method, args) => readers.ask('', method, args)),
    registrations: stores.registrations,
    retention: createRetention(stores.retention),
    stores,
    async close() {
      await writer.flush().catch(() => undefined) // what is lost is said by writer.close
      await readers.close()
      await link.close()
      writer.close()
      beside.close()
      unlock()
    },
  }
}

function groupOptions(options: SqliteLedgerOptions, beside: BesideFiles): GroupWriterOptions {
  return {
    events: options.events,
    journal: beside,
    securer: beside,
    replyLimit: options.bodies === 'none' ? 0 : options.bodyLimit,
    maxRows: options.maxQueuedRows ?? QUEUED_ROWS,
    maxBytes: options.maxQueuedBytes ?? QUEUED_BYTES,
  }
}

function writerData({
  path,
  bodies,
  bodyLimit,
  replayWindowMs,
  refusalLimit = REFUSAL_LIMIT,
}: SqliteLedgerOptions): WriterData {
  return { path, bodies, bodyLimit, replayWindowMs, refusalLimit, session: randomUUID(), isFirst: true }
}
