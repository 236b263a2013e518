import type { CallbackRow, StreamEvent } from '../../admin/api.ts'
import { isFailure } from '../words/results.ts'
import { type LiveRow, rowKey, withAnswer, withAttempt, withLedger } from './live-rows.ts'

export const MOST_ROWS = 5000
/** Events are gathered this long before the page is drawn again. */
const GATHER_MS = 120
const KEPT_SECONDS = 300

/** How many callbacks were answered in one second. */
export interface Second {
  ok: number
  failed: number
}

export interface LiveState {
  /** Newest first, at most MOST_ROWS. */
  readonly rows: readonly LiveRow[]
  /** By second since the epoch, the last five minutes. */
  readonly seconds: ReadonlyMap<number, Second>
  /** Events that the port left out because this browser was too slow. */
  readonly dropped: number
  /** More came while the page was cut off than is told afterwards. */
  readonly hasHole: boolean
  /** Counts every row that was ever added, so that a paused reader can be told how many came since. */
  readonly added: number
}

/** What the live view shows. Lives outside of React: a thousand events in a second are drawn eight times. */
export class LiveStore {
  readonly #listeners = new Set<() => void>()
  readonly #byKey = new Map<string, LiveRow>()
  readonly #seconds = new Map<number, Second>()
  #fresh: string[] = []
  #isDue = false
  #state: LiveState = { rows: [], seconds: this.#seconds, dropped: 0, hasHole: false, added: 0 }
  #dropped = 0
  #hasHole = false

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly state = (): LiveState => this.#state

  take(event: StreamEvent): void {
    switch (event.type) {
      case 'attempt': {
        const key = rowKey(event.data)
        this.#put(withAttempt(this.#byKey.get(key), event.data))
        break
      }
      case 'callback': {
        const known = this.#byKey.get(event.data.id)
        if (known === undefined || known.result === 'pending') this.#count(event.at, event.data.result)
        this.#put(withAnswer(known, event.data))
        break
      }
      case 'gap':
        this.#dropped += event.data.dropped ?? 0
        this.#hasHole ||= event.data.dropped === null
    }
    this.#drawSoon()
  }

  /**
   * What came before the page was opened, or while it was cut off, newest first. Rows that the stream told of stay as
   * they are; those that it could not finish are finished.
   */
  seed(rows: readonly CallbackRow[]): void {
    for (const row of rows.toReversed()) {
      const known = this.#byKey.get(row.id)
      const isNews = known === undefined || known.result === 'pending'
      if (isNews && row.result !== 'pending') this.#count(row.received_at, row.result)
      if (isNews || known.tries.length === 0) this.#put(withLedger(known, row))
    }
    this.#draw()
  }

  #put(row: LiveRow): void {
    if (!this.#byKey.has(row.key)) this.#fresh.push(row.key)
    this.#byKey.set(row.key, row)
  }

  #count(at: number, result: string): void {
    const second = Math.floor(at / 1000)
    const entry = this.#seconds.get(second) ?? { ok: 0, failed: 0 }
    if (isFailure(result)) entry.failed++
    else entry.ok++
    this.#seconds.set(second, entry)
  }

  #drawSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    setTimeout(() => {
      this.#isDue = false
      this.#draw()
    }, GATHER_MS)
  }

  #draw(): void {
    const fresh = this.#fresh
    this.#fresh = []
    const sorted = [...this.#byKey.values()].sort((a, b) => b.at - a.at)
    for (const { key } of sorted.slice(MOST_ROWS)) this.#byKey.delete(key)
    const rows = sorted.slice(0, MOST_ROWS)
    const oldest = Math.floor(Date.now() / 1000) - KEPT_SECONDS
    for (const second of this.#seconds.keys()) if (second < oldest) this.#seconds.delete(second)
    const seconds = new Map(this.#seconds)
    const added = this.#state.added + fresh.length
    this.#state = { rows, seconds, dropped: this.#dropped, hasHole: this.#hasHole, added }
    for (const listener of this.#listeners) listener()
  }
}
