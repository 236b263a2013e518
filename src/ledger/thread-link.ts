import type { Worker } from 'node:worker_threads'

import { CallDesk } from './sqlite/call-desk.ts'
import type { CallResult } from './sqlite/protocol.ts'
import type { StartedThread } from './sqlite/thread.ts'

/** Something the thread says without being asked. */
export interface Notice {
  readonly notice: string
}

/** Carries questions to a thread that answers them; one that ended is started again by the next question. */
export class ThreadLink {
  readonly #startThread: () => Promise<StartedThread>
  readonly #onNotice: (notice: Notice) => void
  readonly #desk = new CallDesk()
  #starting: Promise<Worker> | undefined
  #isClosed = false

  constructor(
    startThread: () => Promise<StartedThread>,
    onNotice: (notice: Notice) => void = () => undefined,
  ) {
    this.#startThread = startThread
    this.#onNotice = onNotice
  }

  /** @throws RingbackError when the thread refuses to start */
  async start(): Promise<void> {
    await this.#worker()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const worker = await this.#starting?.catch(() => undefined)
    if (worker === undefined) return
    const ended = new Promise<void>((resolve) => {
      worker.once('exit', () => resolve())
    })
    worker.postMessage('close', [])
    await ended
  }

  async ask(store: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const worker = await this.#worker()
    const answer = this.#desk.ask(store, method, args)
    for (const call of this.#desk.take()) worker.postMessage(call, [])
    return answer
  }

  async #worker(): Promise<Worker> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<Worker> {
    if (this.#isClosed) throw new Error('the ledger is closed')
    try {
      const { worker } = await this.#startThread()
      let problem = 'the thread of the ledger ended'
      worker.on('message', (said: CallResult | Notice) => {
        if ('notice' in said) this.#onNotice(said)
        else this.#desk.settle([said])
      })
      worker.on('error', (error: Error) => {
        problem = `the thread of the ledger failed: ${error.message}`
      })
      worker.on('exit', () => {
        this.#starting = undefined
        this.#desk.rejectAll(problem)
      })
      return worker
    } catch (error) {
      this.#starting = undefined
      throw error
    }
  }
}
