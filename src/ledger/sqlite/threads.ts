import type { ReaderData } from '../writing/protocol.ts'
import { type LoadingThread, loadThread, type StartedThread, type ThreadEntry } from '../writing/thread.ts'

export const writerThread: ThreadEntry = { name: 'writer-thread', from: import.meta.url }
const readerThread: ThreadEntry = { name: 'reader-thread', from: import.meta.url }

/** The threads of a ledger that is about to be opened. Loading their code takes longer than opening the file. */
export interface SqliteThreads {
  readonly writer: LoadingThread
  readonly reader: LoadingThread
}

export function loadSqliteThreads(): SqliteThreads {
  return { writer: loadThread(writerThread), reader: loadThread(readerThread) }
}

/**
 * Starts readers of a ledger, one whenever it is called.
 *
 * @param first is loading already
 */
export function readerStarter(first: LoadingThread, path: string): () => Promise<StartedThread> {
  let loading: LoadingThread | undefined = first
  return async () => {
    const next = loading ?? loadThread(readerThread)
    loading = undefined
    return next.start({ path } satisfies ReaderData)
  }
}
