import { parentPort, workerData } from 'node:worker_threads'

import type { Call, Ready, Refused } from '../writing/protocol.ts'
import type { StoreData } from './protocol.ts'
import { type LeadNotice, StoreHost } from './store-host.ts'

/** Entry of the thread that answers questions and hosts the small stores. Told `close`, it signs out and ends. */
async function main(): Promise<void> {
  const port = parentPort
  if (port === null) throw new Error('the stores of the ledger run on a worker thread')
  let host: StoreHost
  let isReady = false
  try {
    host = await StoreHost.open(workerData as StoreData, (notice) => {
      if (isReady) port.postMessage(notice)
    })
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    port.postMessage({ isReady: false, problem } satisfies Refused)
    return
  }
  const answer = async (call: Call): Promise<void> => port.postMessage(await host.run(call))
  port.on('message', (message: Call | 'close') => {
    if (message === 'close') {
      void host.close().then(() => port.close())
      return
    }
    void answer(message)
  })
  port.postMessage({ isReady: true, stores: host.storeMethods() } satisfies Ready)
  isReady = true
  port.postMessage({ notice: 'lead', state: host.lead } satisfies LeadNotice)
}

void main()
