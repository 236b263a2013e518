import process from 'node:process'
import { setFlagsFromString } from 'node:v8'

import { Link } from './link.ts'
import type { OwnerSays, WorkerSays } from './messages.ts'
import { serveWorker, type WorkerService } from './serve-worker.ts'

// A worker of the daemon: the edge of its process, as main.ts is the daemon's.

setFlagsFromString('--no-parallel-scavenge') // as in main.ts

/** Exit code of an error that is ours (EX_SOFTWARE of sysexits.h). */
const OWN_FAILURE = 70

const link = new Link<WorkerSays>({
  send: (batch, done) => {
    if (process.connected) process.send?.(batch, undefined, undefined, done)
  },
})

const fail = (error: unknown): void => {
  link.say({
    kind: 'failed',
    problem: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })
  link.flush(() => process.exit(OWN_FAILURE))
}
process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)

// Signals to the whole group are the owner's to act on. Without an owner there is nobody who could keep anything.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit(0))

let service: WorkerService | undefined
process.on('message', (batch: readonly OwnerSays[]) => {
  for (const message of batch) {
    if (message.kind === 'orders')
      service = serveWorker(message, link, {
        onFailure: fail,
        end: () => link.flush(() => process.exit(0)),
      })
    else service?.hear(message)
  }
})
