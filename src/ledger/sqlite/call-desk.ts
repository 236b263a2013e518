import { RingbackError } from '../../errors.ts'
import type { Call, CallResult } from './protocol.ts'

interface Asked {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Calls to stores on another thread, and who waits for their results. */
export class CallDesk {
  #queue: Call[] = []
  readonly #asked = new Map<number, Asked>()
  #lastId = 0

  get hasCalls(): boolean {
    return this.#queue.length > 0
  }

  async ask(store: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const id = ++this.#lastId
    this.#queue.push({ id, store, method, args })
    return new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }))
  }

  /** The calls that were not sent yet, in order. */
  take(): readonly Call[] {
    const calls = this.#queue
    this.#queue = []
    return calls
  }

  settle(results: readonly CallResult[]): void {
    for (const { id, value, problem } of results) {
      const asked = this.#asked.get(id)
      this.#asked.delete(id)
      if (problem === undefined) asked?.resolve(value)
      else asked?.reject(new RingbackError('ledger', problem))
    }
  }

  /** The thread ended: nobody knows what became of the calls. */
  rejectAll(problem: string): void {
    this.#queue = []
    const all = [...this.#asked.values()]
    this.#asked.clear()
    for (const { reject } of all) reject(new RingbackError('ledger', problem))
  }
}
