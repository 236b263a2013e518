import { expect, test } from 'vitest'

import { GroupWriter } from '../../../../src/ledger/writing/group-writer.ts'
import type { Turn, TurnDone } from '../../../../src/ledger/writing/protocol.ts'
import { sampleExchange } from '../../../contract/ledger-samples.ts'

/** A writer whose other thread and whose disk is the test: it sees each turn and each piece, and says when it is done. */
class Desk {
  readonly failures: string[] = []
  readonly #turns: Turn[] = []
  readonly #pieces: { readonly told: string; readonly done: (problem: string) => void }[] = []
  #told: () => void = () => undefined
  readonly writer = new GroupWriter(
    {
      events: { committed: () => undefined, failed: (_rows, problem) => this.failures.push(problem) },
      replyLimit: 100,
      maxRows: 100_000,
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

  done(problem = ''): void {
    const turn = this.#turns.shift()
    if (turn === undefined) throw new Error('there is no turn')
    const { batch, calls } = turn
    const result: TurnDone = {
      batch: batch && { seconds: 0, lost: [], problem, canRetry: true },
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

const exchange = sampleExchange()
async function problemOf(promise: Promise<void>): Promise<string> {
  return promise.then(
    () => '',
    (error: unknown) => String(error),
  )
}

/** Is it settled by now? */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const others = new Promise((resolve) => {
    setImmediate(resolve, 'others')
  })
  return (await Promise.race([promise.catch(() => undefined), others])) !== 'others'
}

test('many rows that came at once go in batches of a bounded size, in order', async () => {
  const desk = new Desk()
  const flushed = desk.writer.durable(desk.keep(4000))
  for (const turn of ['batch 1-1500', 'batch 1501-3000', 'batch 3001-4000']) {
    expect(await desk.next()).toBe(turn)
    expect(await isSettled(flushed)).toBe(false)
    desk.done()
  }
  await flushed
})

test('rows are secured in their order, whether their batch is open, full or on its way', async () => {
  const desk = new Desk()
  const early = desk.writer.secured(desk.keep(10))
  expect(await desk.piece()).toBe('1-10')
  const late = desk.writer.secured(desk.keep(2000))
  expect(await desk.next()).toBe('batch 1-1500')
  desk.secured()
  await early
  expect(await desk.piece()).toBe('11-1500')
  desk.secured()
  expect(await isSettled(late)).toBe(false)
  expect(await desk.piece()).toBe('1501-2010')
  desk.secured()
  await late
  expect(desk.pieces).toBe(0)
})

test('what its batch has committed in the meantime is not secured any more', async () => {
  const desk = new Desk()
  const first = desk.writer.secured(desk.keep(1))
  expect(await desk.piece()).toBe('1-1')
  const others = desk.writer.secured(desk.keep(1600))
  expect(await desk.next()).toBe('batch 1-1500')
  desk.done()
  await first
  desk.secured()
  expect(await desk.piece()).toBe('1501-1601')
  desk.secured()
  await others
})

test('who waits for the disk alone waits neither for a batch nor for calls of stores', async () => {
  const desk = new Desk()
  desk.keep(5)
  const asked = desk.writer.call('store', 'take', [])
  expect(await desk.next()).toBe('batch 1-5')
  const during = desk.writer.secured(desk.keep(2))
  expect(await desk.piece()).toBe('1-5') // gapless: what a crash leaves is a beginning of what there was
  desk.secured()
  expect(await desk.piece()).toBe('6-7')
  desk.secured()
  await during
  desk.done()
  expect(await desk.next()).toBe('take')
  const besideCalls = desk.writer.secured(desk.keep(1))
  expect(await desk.piece()).toBe('8-8')
  desk.secured()
  await besideCalls
  desk.done()
  expect(await asked).toBe('take')
})

test('rows that cannot be secured are refused, and their batch finds out whether that lasts', async () => {
  const desk = new Desk()
  const secured = desk.writer.secured(desk.keep(3))
  expect(await desk.piece()).toBe('1-3')
  desk.secured('disk full')
  await expect(secured).rejects.toThrow('disk full')
  expect(desk.writer.health().isWritable).toBe(false)
  expect(await desk.next()).toBe('batch 1-3')
  desk.done()
  expect(desk.writer.health().isWritable).toBe(true)
  expect(desk.failures).toEqual(['disk full'])
})

test('rows that could not be secured go before later ones, as long as they are not committed', async () => {
  const desk = new Desk()
  const committed = problemOf(desk.writer.durable(desk.keep(2)))
  expect(await desk.next()).toBe('batch 1-2')
  const failed = problemOf(desk.writer.secured(desk.keep(3)))
  expect(await desk.piece()).toBe('1-2')
  desk.secured()
  expect(await desk.piece()).toBe('3-5')
  desk.secured('disk full')
  expect(await failed).toMatch(/disk full$/)
  expect(await committed).toMatch(/disk full$/)
  desk.done()
  expect(await desk.next()).toBe('batch 3-5')
  const later = problemOf(desk.writer.secured(desk.keep(1)))
  expect(await desk.piece()).toBe('3-5')
  desk.done()
  desk.secured('disk full again') // and now nobody cares
  expect(await desk.next()).toBe('batch 6-6')
  desk.done()
  expect(await later).toMatch(/disk full again$/)
  const last = desk.writer.secured(desk.keep(1))
  expect(await desk.piece()).toBe('7-7')
  desk.secured()
  await last
})

test('a call waits for the rows before it, and not for those after it', async () => {
  const desk = new Desk()
  desk.keep(2000)
  const asked = desk.writer.call('store', 'take', [])
  expect(await desk.next()).toBe('batch 1-1500')
  desk.keep(1500)
  desk.done()
  expect(await desk.next()).toBe('batch 1501-3000')
  desk.done()
  expect(await desk.next()).toBe('take')
  desk.done()
  expect(await asked).toBe('take')
})

test('a call that waits for no rows goes by itself, and a due batch goes first', async () => {
  const desk = new Desk()
  const asked = desk.writer.call('store', 'prune', [], 0)
  desk.keep(1)
  expect(await desk.next()).toBe('prune')
  desk.keep(1500)
  const askedLast = desk.writer.call('store', 'prune', [], 0)
  desk.done()
  expect(await asked).toBe('prune')
  expect(await desk.next()).toMatch(/^batch 1-/)
  desk.done()
  expect(await desk.next()).toBe('prune')
  desk.done()
  expect(await askedLast).toBe('prune')
})

test('a ledger that cannot be written answers calls all the same, and tries the same batch again', async () => {
  const desk = new Desk()
  const written = desk.writer.durable(desk.keep(1))
  expect(await desk.next()).toBe('batch 1-1')
  desk.done('disk full')
  await expect(written).rejects.toThrow('disk full')
  desk.keep(2)
  const asked = desk.writer.call('store', 'take', [])
  expect(await desk.next()).toBe('batch 1-1')
  desk.done('disk full')
  expect(await desk.next()).toBe('take')
  desk.done()
  expect(await asked).toBe('take')
  expect(await desk.next()).toBe('batch 1-1')
  desk.done()
  expect(await desk.next()).toBe('batch 2-3')
  expect(desk.failures).toEqual(['disk full'])
})
