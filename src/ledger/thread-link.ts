import type { Worker } from 'node:worker_threads'

import { CallDesk } from './writing/call-desk.ts'
import type { CallResult } from './writing/protocol.ts'
import type { StartedThread } from './writing/thread.ts'

/** Something the thread says without being asked. */
export interface Notice {
  readonly notice: string
}

export interface ThreadLinkOptions {
  readonly onNotice?: (notice: Notice) => void
  /** A thread that nobody asked anything for so long is ended, which gives its memory back. Without: it stays. */
  readonly idleMs?: number
}

/** Carries questions to a thread that answers them; one that ended is started again by the next question. */
export class ThreadLink {
  readonly #startThread: () => Promise<StartedThread>
  readonly #options: ThreadLinkOptions
  readonly #desk = new CallDesk()
  #starting: Promise<Worker> | undefined
  #current: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  /** The end of a thread that nobody asked any more. */
  #leaving: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(startThread: () => Promise<StartedThread>, options: ThreadLinkOptions = {}) {
    this.#startThread = startThread
    this.#options = options
  }

  /** @throws RingbackError when the thread refuses to start */
  async start(): Promise<void> {
    await this.#worker()
    this.#watchIdle()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#idle)
    await this.#starting?.catch(() => undefined)
    await Promise.all([this.#leaving, this.#current && end(this.#current)])
  }

  async ask(store: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const worker = await this.#worker()
    const answer = this.#desk.ask(store, method, args)
    for (const call of this.#desk.take()) worker.postMessage(call, [])
    this.#watchIdle()
    return answer
  }

  #watchIdle(): void {
    const { idleMs } = this.#options
    if (idleMs === undefined) return
    this.#idle ??= setTimeout(() => this.#leave(), idleMs).unref()
    this.#idle.refresh()
  }

  #leave(): void {
    const worker = this.#current
    if (this.#desk.isAsked) this.#watchIdle()
    else if (worker !== undefined) {
      this.#starting = undefined
      this.#current = undefined
      this.#leaving = end(worker)
    }
  }

  async #worker(): Promise<Worker> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<Worker> {
    if (this.#isClosed) throw new Error('the ledger is closed')
    try {
      const { worker } = await this.#startThread()
      this.#current = worker
      let problem = 'the thread of the ledger ended'
      worker.on('message', (said: CallResult | Notice) => {
        if ('notice' in said) this.#options.onNotice?.(said)
        else this.#desk.settle([said])
      })
      worker.on('error', (error: Error) => {
        problem = `the thread of the ledger failed: ${error.message}`
      })
      worker.on('exit', () => {
        if (this.#current !== worker) return // nobody had asked it for long
        this.#starting = undefined
        this.#current = undefined
        this.#desk.rejectAll(problem)
      })
      return worker
    } catch (error) {
      this.#starting = undefined
      throw error
    }
  }
}

async function end(worker: Worker): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve())
  })
  worker.postMessage('close', [])
  await ended
}
