import { type MessagePort, parentPort } from 'node:worker_threads'

/** Runs what a thread is for once it is told what to open: its code is loaded before that is known; see thread.ts. */
export function whenTold(begin: (data: never, port: MessagePort) => void): void {
  const port = parentPort
  if (port === null) throw new Error('a thread of the ledger does not run by itself')
  port.once('message', (data: object) => begin(data as never, port))
}
