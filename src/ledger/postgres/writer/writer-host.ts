import type { Batch, BatchResult, Turn, TurnDone } from '../../writing/protocol.ts'
import { type Client, connect } from '../connection.ts'
import { problemOf } from '../problem.ts'
import type { WriterData } from '../protocol.ts'
import { commitBatch } from './committer.ts'

const STATEMENT_MS = 5_000
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 2_000

/**
 * What the writing thread does, without the thread: commits batches over one connection. A connection that met an error
 * is not used again; a new one is made with the next batch, but not more often than the waits between failures allow.
 */
export class WriterHost {
  readonly #data: WriterData
  #client: Client | undefined
  #waitMs = 0
  #nextTryAt = 0
  #lastProblem = ''

  constructor(data: WriterData) {
    this.#data = data
  }

  async run({ batch }: Turn): Promise<TurnDone> {
    return { batch: batch === undefined ? undefined : await this.#commit(batch), results: [] }
  }

  async close(): Promise<void> {
    await this.#drop()
  }

  async #commit(batch: Batch): Promise<BatchResult> {
    const startedAt = performance.now()
    const since = (): number => (performance.now() - startedAt) / 1000
    if (startedAt < this.#nextTryAt) {
      return { seconds: 0, lost: [], problem: this.#lastProblem, canRetry: true }
    }
    try {
      const lost = await commitBatch(await this.#connected(), batch, this.#data)
      this.#waitMs = 0
      return { seconds: since(), lost, problem: '', canRetry: false }
    } catch (error) {
      const { text, canRetry } = problemOf(error)
      await this.#drop()
      this.#waitMs = Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, this.#waitMs * 2))
      this.#nextTryAt = performance.now() + this.#waitMs
      this.#lastProblem = text
      return { seconds: since(), lost: [], problem: text, canRetry }
    }
  }

  async #connected(): Promise<Client> {
    if (this.#client !== undefined) return this.#client
    const client = await connect(this.#data.place, { name: 'writer', timeoutMs: STATEMENT_MS }, () => {
      if (this.#client === client) this.#client = undefined
    })
    this.#client = client
    return client
  }

  async #drop(): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.end().catch(() => undefined)
  }
}
