import type { MessagePort } from 'node:worker_threads'

import { messageOf } from '../../errors.ts'
import type { Ready, Refused, Turn, WriterData } from '../writing/protocol.ts'
import { whenTold } from '../writing/when-told.ts'
import { giveWay } from './give-way.ts'
import { WriterHost } from './writer-host.ts'

const QUIET_MS = 250
/** After a turn the next one may be on its way: it goes before the work between commits. */
const BREATH_MS = 1
/**
 * The thread that answers goes first, for this one has some milliseconds. On a core that both of them fill it has two fifths
 * left, and needs no more: it takes half as long for a callback.
 */
const NICENESS = 2

/** Entry of the one thread that writes the ledger. Told `close`, it copies its log and ends. */
function main(data: WriterData, port: MessagePort): void {
  giveWay(NICENESS)
  let host: WriterHost
  try {
    host = new WriterHost(data)
  } catch (error) {
    port.postMessage({
      isReady: false,
      problem: messageOf(error),
    } satisfies Refused)
    return
  }
  const quiet = setInterval(() => host.whenQuiet(), QUIET_MS)
  let afterTurn: NodeJS.Timeout | undefined
  const tidy = (): void => {
    afterTurn = undefined
    host.afterTurn()
  }
  port.on('message', (message: Turn | 'close') => {
    if (message === 'close') {
      clearInterval(quiet)
      clearTimeout(afterTurn)
      port.close()
      host.close()
      return
    }
    port.postMessage(host.run(message))
    afterTurn ??= setTimeout(tidy, BREATH_MS)
  })
  port.postMessage({
    isReady: true,
    stores: host.storeMethods(),
    setAside: host.setAside,
    position: host.position,
  } satisfies Ready)
}

whenTold(main)
