import { constants, platform, setPriority } from 'node:os'
import type { MessagePort } from 'node:worker_threads'

import { messageOf } from '../../errors.ts'
import { openForReading } from './database.ts'
import { problemOf } from './problem.ts'
import type { Call, CallResult, ReaderData, Ready, Refused } from '../writing/protocol.ts'
import { whenTold } from '../writing/when-told.ts'
import { createReaderStore, type ReaderStore } from './reader-store.ts'

/** Entry of the thread that answers questions, with a connection of its own. Told `close`, it ends. */
function main({ path }: ReaderData, port: MessagePort): void {
  giveWay()
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

/** Callbacks go before questions where there are fewer cores than work. Only Linux knows a priority of one thread. */
function giveWay(): void {
  if (platform() !== 'linux') return
  try {
    setPriority(0, constants.priority.PRIORITY_LOW)
  } catch {
    // The kernel does not let us: questions are answered all the same.
  }
}

whenTold(main)
