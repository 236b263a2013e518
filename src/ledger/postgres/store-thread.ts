import type { MessagePort } from 'node:worker_threads'

import { messageOf } from '../../errors.ts'
import type { Call, Ready, Refused } from '../writing/protocol.ts'
import { whenTold } from '../writing/when-told.ts'
import type { StoreData } from './protocol.ts'
import { type LeadNotice, StoreHost } from './store-host.ts'

/** Entry of the thread that answers questions and hosts the small stores. Told `close`, it signs out and ends. */
async function main(data: StoreData, port: MessagePort): Promise<void> {
  let host: StoreHost
  let isReady = false
  try {
    host = await StoreHost.open(data, (notice) => {
      if (isReady) port.postMessage(notice)
    })
  } catch (error) {
    const problem = messageOf(error)
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

whenTold((data: StoreData, port) => void main(data, port))
