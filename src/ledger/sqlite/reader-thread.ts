import { parentPort, workerData } from 'node:worker_threads'

import { openForReading } from './database.ts'
import { problemOf } from './problem.ts'
import type { Call, CallResult, ReaderData, Ready, Refused } from './protocol.ts'
import { createReaderStore, type ReaderStore } from './reader-store.ts'

/** Entry of the thread that answers questions, with a connection of its own. Told `close`, it ends. */
function main(): void {
  const port = parentPort
  if (port === null) throw new Error('the reader of the ledger runs as a worker thread')
  const { path } = workerData as ReaderData
  let store: ReaderStore
  const answer = ({ id, method, args }: Call): CallResult => {
    try {
      const run = (store as unknown as Record<string, (...args: readonly unknown[]) => unknown>)[method]
      return run === undefined ? { id, problem: `the ledger has no ${method}` } : { id, value: run(...args) }
    } catch (error) {
      return { id, problem: problemOf(error).text }
    }
  }
  try {
    const db = openForReading(path)
    store = createReaderStore(db)
    port.on('message', (message: Call | 'close') => {
      if (message === 'close') {
        port.close()
        db.close()
        return
      }
      port.postMessage(answer(message))
    })
    port.postMessage({ isReady: true, stores: {} } satisfies Ready)
  } catch (error) {
    port.postMessage({
      isReady: false,
      problem: error instanceof Error ? error.message : String(error),
    } satisfies Refused)
  }
}

main()
