import type { Ticket } from '../ledger.ts'
import type { OpenBatch } from './open-batch.ts'

/** Rows as they were handed over, in their order, that no committed batch holds. */
export interface Secured {
  readonly rows: number
  readonly records: Uint8Array
  /** Ticket of the last row, in the session that wrote it. */
  readonly last: Ticket
}

/** Puts rows on disk whose batch is not committed yet. */
export interface Securer {
  /**
   * Takes the next rows when those before are done. `records` are copied before it returns.
   *
   * @param done told why they are not on disk; empty when they are. Never called before `add` returned.
   */
  add(secured: Secured, nowMs: number, done: (problem: string) => void): void
  /** Rows up to this ticket are committed. */
  committed(upTo: Ticket): void
}

export interface SecuringResult {
  readonly seconds: number
  /** Ticket of the last row. */
  readonly last: Ticket
  /** Why the rows were not secured; empty when they were. */
  readonly problem: string
}

export interface SecuringLaneOptions {
  readonly open: OpenBatch
  readonly securer: Securer
  /** Does anybody wait for rows to be secured? */
  readonly isWanted: () => boolean
  readonly done: (result: SecuringResult) => void
}

/** Secures rows that somebody waits for, one piece after the other, beside whatever the writer thread does. */
export class SecuringLane {
  readonly #options: SecuringLaneOptions
  #planned: NodeJS.Immediate | undefined
  #isBusy = false
  /** Rows up to this ticket are to be secured although nobody waits for them. */
  #dueTo: Ticket = 0

  constructor(options: SecuringLaneOptions) {
    this.#options = options
  }

  /** Somebody waits. */
  hurry(): void {
    if (!this.#isBusy) this.#planned ??= setImmediate(this.#secure)
  }

  /** The rows there are by now have waited for long enough. */
  due(): void {
    this.#dueTo = this.#options.open.last
    this.hurry()
  }

  close(): void {
    clearImmediate(this.#planned)
  }

  readonly #secure = (): void => {
    this.#planned = undefined
    const { open, securer, done } = this.#options
    const next = this.#isBusy || !this.#isWanted ? undefined : open.takeToSecure()
    if (next === undefined) {
      if (!this.#isBusy) this.#dueTo = 0
      return
    }
    const { rows, last } = next
    const startedAt = performance.now()
    this.#isBusy = true
    const records = new Uint8Array(next.bytes, next.start, next.end - next.start)
    securer.add({ rows, records, last }, Date.now(), (problem) => {
      this.#isBusy = false
      if (problem !== '') open.putBack(next)
      if (problem !== '' || last >= this.#dueTo) this.#dueTo = 0
      done({ seconds: (performance.now() - startedAt) / 1000, last, problem })
      if (this.#isWanted) this.hurry()
    })
  }

  get #isWanted(): boolean {
    return this.#dueTo !== 0 || this.#options.isWanted()
  }
}
