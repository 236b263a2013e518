import { GroupWriter } from '../../../../src/ledger/writing/group-writer.ts'
import type { Turn, TurnDone } from '../../../../src/ledger/writing/protocol.ts'
import { sampleExchange } from '../../../contract/ledger-samples.ts'

/** Rows that fit, of callbacks that are never rescued; of others twice as many. */
export const MAX_ROWS = 100_000
const exchange = sampleExchange()

/** A writer whose other thread and whose disk is the test: it sees each turn and each piece, and says when it is done. */
export class Desk {
  readonly failures: string[] = []
  /** Of the failures: rows that were lost. */
  lost = 0
  readonly #turns: Turn[] = []
  readonly #pieces: { readonly told: string; readonly done: (problem: string) => void }[] = []
  #told: () => void = () => undefined
  readonly writer = new GroupWriter(
    {
      events: {
        committed: () => undefined,
        failed: (rows, problem) => {
          this.failures.push(problem)
          this.lost += rows
        },
      },
      replyLimit: 100,
      maxRows: MAX_ROWS,
      maxBytes: 2 ** 30,
      securer: {
        add: ({ rows, last }, _now, done) => {
          this.#pieces.push({ told: `${last - rows + 1}-${last}`, done })
          this.#told()
        },
        committed: () => undefined,
      },
    },
    (turn) => {
      this.#turns.push(turn)
      this.#told()
    },
  )

  /** The next turn, told in short: what it is, and of which rows. */
  async next(): Promise<string> {
    while (this.#turns.length === 0) await this.#anything()
    const [{ batch, calls } = { batch: undefined, calls: [] }] = this.#turns
    const rows = batch === undefined ? '' : `batch ${batch.first}-${batch.first + batch.rows - 1}`
    return [rows, ...calls.map(({ method }) => method)].filter(Boolean).join(' ')
  }

  done(problem = '', canRetry = true): void {
    const turn = this.#turns.shift()
    if (turn === undefined) throw new Error('there is no turn')
    const { batch, calls } = turn
    const result: TurnDone = {
      batch: batch && { seconds: 0, lost: [], problem, canRetry },
      results: calls.map(({ id, method }) => ({ id, value: method })),
    }
    this.writer.done(result)
  }

  /** The rows that are to be secured next. */
  async piece(): Promise<string> {
    while (this.#pieces.length === 0) await this.#anything()
    return this.#pieces[0]?.told ?? ''
  }

  secured(problem = ''): void {
    this.#pieces.shift()?.done(problem)
  }

  get turns(): number {
    return this.#turns.length
  }

  get pieces(): number {
    return this.#pieces.length
  }

  async #anything(): Promise<void> {
    await new Promise<void>((resolve) => (this.#told = resolve))
  }

  keep(rows: number): number {
    let last = 0
    for (let n = 0; n < rows; n++) last = this.writer.keep(exchange)
    return last
  }
}
