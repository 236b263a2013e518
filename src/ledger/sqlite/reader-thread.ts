import { constants } from 'node:os'
import type { MessagePort } from 'node:worker_threads'

import { messageOf } from '../../errors.ts'
import { openForReading } from './database.ts'
import { giveWay } from './give-way.ts'
import { problemOf } from './problem.ts'
import type { Call, CallResult, ReaderData, Ready, Refused } from '../writing/protocol.ts'
import { whenTold } from '../writing/when-told.ts'
import { createReaderStore, type ReaderStore } from './reader-store.ts'

/** Entry of the thread that answers questions, with a connection of its own. Told `close`, it ends. */
function main({ path }: ReaderData, port: MessagePort): void {
  giveWay(constants.priority.PRIORITY_LOW) // callbacks go before questions
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
      problem: messageOf(error),
    } satisfies Refused)
  }
}

whenTold(main)
