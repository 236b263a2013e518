import type { Worker } from 'node:worker_threads'

import type { LedgerReader } from '../ledger.ts'
import { createRemote } from '../remote.ts'
import { CallDesk } from './call-desk.ts'
import type { CallResult, ReaderData } from './protocol.ts'
import { readerMethods, type ReaderStore } from './reader-store.ts'
import { startThread } from './thread.ts'

/** Carries questions to the reader thread; a thread that ended is started again by the next question. */
export class ReaderLink {
  readonly #data: ReaderData
  readonly #desk = new CallDesk()
  #starting: Promise<Worker> | undefined
  #isClosed = false
  readonly reader: LedgerReader

  constructor(data: ReaderData) {
    this.#data = data
    this.reader = createRemote<ReaderStore>(readerMethods, async (method, args) => this.#ask(method, args))
  }

  /** @throws RingbackError when the ledger cannot be opened for reading */
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

  async #ask(method: string, args: readonly unknown[]): Promise<unknown> {
    const worker = await this.#worker()
    const answer = this.#desk.ask('', method, args)
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
      const { worker } = await startThread('reader-thread', this.#data)
      let problem = 'the reader thread ended'
      worker.on('message', (result: CallResult) => this.#desk.settle([result]))
      worker.on('error', (error: Error) => {
        problem = `the reader thread failed: ${error.message}`
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
