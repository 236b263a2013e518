import type { MessagePort } from 'node:worker_threads'

import type { Ready, Turn } from '../writing/protocol.ts'
import { whenTold } from '../writing/when-told.ts'
import type { WriterData } from './protocol.ts'
import { WriterHost } from './writer/writer-host.ts'

/** Entry of the thread that commits: redaction and compression do not take time from the one that forwards. */
function main(data: WriterData, port: MessagePort): void {
  const host = new WriterHost(data)
  const work = async (turn: Turn): Promise<void> => port.postMessage(await host.run(turn))
  port.on('message', (message: Turn | 'close') => {
    if (message === 'close') {
      port.close()
      void host.close()
      return
    }
    void work(message)
  })
  port.postMessage({ isReady: true, stores: {} } satisfies Ready)
}

whenTold(main)
