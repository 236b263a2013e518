import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'

import { messageOf, RingbackError } from '../../errors.ts'
import type { Ready, Refused } from './protocol.ts'

export interface StartedThread {
  readonly worker: Worker
  readonly ready: Ready
}

/** Megabytes of a thread's young generation. Batches come and go: one of the usual size would only grow the process. */
const YOUNG_MB = 4
/** The same ending as this file: `.ts` in the repository, `.js` in a compiled package. */
const ENDING = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** Where a thread begins; compiled, all of them lie in one folder, so no two have the same name. */
export interface ThreadEntry {
  readonly name: 'writer-thread' | 'reader-thread' | 'postgres-writer-thread' | 'store-thread'
  /** URL of a file in the same folder. */
  readonly from: string
}

/** A thread that loads its code, and then waits to be told what to open. It keeps no process alive. */
export interface LoadingThread {
  /**
   * Tells it, and waits for its first word. To be called once.
   *
   * @throws RingbackError with the thread's reason when it cannot open the ledger
   */
  start(data: object): Promise<StartedThread>
  /** Nobody will start it. */
  end(): Promise<void>
}

/** To be called as soon as it is clear that the thread will be needed: others may work while it loads. */
export function loadThread({ name, from }: ThreadEntry): LoadingThread {
  // What the process was started with would go before the limit below; its own heap has it already.
  setFlagsFromString('--max-semi-space-size=0')
  const worker = new Worker(new URL(`./${name}.${ENDING}`, from), {
    name,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  })
  worker.unref()
  const firstWord = firstWordOf(worker, name)
  return {
    async start(data) {
      worker.ref()
      worker.postMessage(data, [])
      const first = await firstWord
      if (first.isReady) return { worker, ready: first }
      await worker.terminate()
      throw new RingbackError('ledger', first.problem)
    },
    async end() {
      await worker.terminate()
    },
  }
}

/**
 * Loads a thread and starts it.
 *
 * @throws RingbackError with the thread's reason when it cannot open the ledger
 */
export async function startThread(entry: ThreadEntry, data: object): Promise<StartedThread> {
  return loadThread(entry).start(data)
}

async function firstWordOf(worker: Worker, name: string): Promise<Ready | Refused> {
  const listening = new AbortController()
  const { signal } = listening
  const words = await Promise.race([
    once(worker, 'message', { signal }) as Promise<[Ready | Refused]>,
    once(worker, 'exit', { signal }).then((): [Refused] => [
      { isReady: false, problem: `the ${name} ended before it was ready` },
    ]),
  ]).catch((error: unknown): [Refused] => [{ isReady: false, problem: messageOf(error) }])
  listening.abort()
  return words[0]
}
