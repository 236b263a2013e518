import { RingbackError } from '../../errors.ts'
import type { Ticket } from '../ledger.ts'
import type { Call, CallResult } from './protocol.ts'

interface Asked {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Before all rows. */
export const NO_ROW: Ticket = 0

/** Calls to stores on another thread, and who waits for their results. */
export class CallDesk {
  #queue: { readonly call: Call; readonly after: Ticket }[] = []
  readonly #asked = new Map<number, Asked>()
  #lastId = 0

  /** There are calls that wait for rows. */
  get hasBoundCalls(): boolean {
    return this.#queue.some(({ after }) => after > NO_ROW)
  }

  /** There are calls that could go at once. */
  get hasFreeCalls(): boolean {
    return this.#queue[0]?.after === NO_ROW
  }

  /** Somebody waits for a result. */
  get isAsked(): boolean {
    return this.#asked.size > 0
  }

  /** @param after ticket of the row that has to go before it */
  async ask(store: string, method: string, args: readonly unknown[], after = NO_ROW): Promise<unknown> {
    const id = ++this.#lastId
    this.#queue.push({ call: { id, store, method, args }, after })
    return new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }))
  }

  /** The calls that were not sent yet, in order, as far as their rows go no further than a ticket. */
  take(upTo: Ticket = Infinity): readonly Call[] {
    const left = this.#queue.findIndex(({ after }) => after > upTo)
    return this.#queue.splice(0, left < 0 ? this.#queue.length : left).map(({ call }) => call)
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
