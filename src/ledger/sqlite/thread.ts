import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { RingbackError } from '../../errors.ts'
import type { Ready, Refused } from './protocol.ts'

export interface StartedThread {
  readonly worker: Worker
  readonly ready: Ready
}

/** Megabytes of a thread's young generation. */
const YOUNG_MB = 8
/** The same ending as this file: `.ts` in the repository, `.js` in a compiled package. */
const ENDING = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/**
 * Starts a thread of the ledger and waits for its first word.
 *
 * @param from URL of a file in the folder of the thread's entry
 * @throws RingbackError with the thread's reason when it cannot open the file
 */
export async function startThread(
  name: 'writer-thread' | 'reader-thread' | 'store-thread',
  data: object,
  from: string | URL = import.meta.url,
): Promise<StartedThread> {
  const worker = new Worker(new URL(`./${name}.${ENDING}`, from), {
    workerData: data,
    name,
    // Batches come and go: a young generation of the usual size would only grow the process.
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  })
  const first = await firstWord(worker, name)
  if (first.isReady) return { worker, ready: first }
  await worker.terminate()
  throw new RingbackError('ledger', first.problem)
}

async function firstWord(worker: Worker, name: string): Promise<Ready | Refused> {
  const listening = new AbortController()
  const { signal } = listening
  const words = await Promise.race([
    once(worker, 'message', { signal }) as Promise<[Ready | Refused]>,
    once(worker, 'exit', { signal }).then((): [Refused] => [
      { isReady: false, problem: `the ${name} ended before it was ready` },
    ]),
  ]).catch((error: unknown): [Refused] => [
    { isReady: false, problem: error instanceof Error ? error.message : String(error) },
  ])
  listening.abort()
  return words[0]
}
