import { expect, test } from 'vitest'

import { GroupWriter } from '../../../../src/ledger/writing/group-writer.ts'
import type { Turn, TurnDone } from '../../../../src/ledger/writing/protocol.ts'
import { sampleExchange } from '../../../contract/ledger-samples.ts'

/** A writer whose other thread is the test: it sees each turn and says when it is done. */
class Desk {
  readonly failures: string[] = []
  readonly #turns: Turn[] = []
  #told: () => void = () => undefined
  readonly writer = new GroupWriter(
    {
      events: { committed: () => undefined, failed: (_rows, problem) => this.failures.push(problem) },
      replyLimit: 100,
      maxRows: 100_000,
      maxBytes: 2 ** 30,
    },
    (turn) => {
      this.#turns.push(turn)
      this.#told()
    },
  )

  /** The next turn, told in short: what it is, and of which rows. */
  async next(): Promise<string> {
    while (this.#turns.length === 0) await new Promise<void>((resolve) => (this.#told = resolve))
    const [{ securing, batch, calls } = { batch: undefined, calls: [] }] = this.#turns
    if (securing !== undefined) return `secure ${securing.last - securing.rows + 1}-${securing.last}`
    const rows = batch === undefined ? '' : `batch ${batch.first}-${batch.first + batch.rows - 1}`
    return [rows, ...calls.map(({ method }) => method)].filter(Boolean).join(' ')
  }

  done(problem = ''): void {
    const turn = this.#turns.shift()
    if (turn === undefined) throw new Error('there is no turn')
    const { securing, batch, calls } = turn
    const result: TurnDone = {
      securing: securing && { seconds: 0, last: securing.last, problem },
      batch: batch && { seconds: 0, lost: [], problem, canRetry: true },
      results: calls.map(({ id, method }) => ({ id, value: method })),
    }
    this.writer.done(result)
  }

  keep(rows: number): number {
    let last = 0
    for (let n = 0; n < rows; n++) last = this.writer.keep(exchange)
    return last
  }
}

const exchange = sampleExchange()
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

test('rows are never said to be secured before those of a batch that is full', async () => {
  const desk = new Desk()
  const early = desk.writer.secured(desk.keep(10))
  expect(await desk.next()).toBe('secure 1-10')
  const late = desk.writer.secured(desk.keep(2000))
  desk.done()
  await early
  expect(await desk.next()).toBe('batch 1-1500')
  expect(await isSettled(late)).toBe(false)
  desk.done()
  // On a slow machine the time is over in which rows that nobody waits for are committed, and all go at once.
  expect(['secure 1501-2010', 'batch 1501-2010']).toContain(await desk.next())
  desk.done()
  await late
})

test('who waits for the disk alone does not wait for calls of stores as well', async () => {
  const desk = new Desk()
  desk.keep(5)
  const asked = desk.writer.call('store', 'take', [])
  expect(await desk.next()).toBe('batch 1-5')
  const secured = desk.writer.secured(desk.keep(2))
  const askedLater = desk.writer.call('store', 'later', [])
  desk.done()
  expect(await desk.next()).toBe('secure 6-7')
  const [, again] = [desk.keep(1), desk.writer.secured(desk.keep(1))]
  desk.done()
  await secured
  expect(await desk.next()).toBe('take') // not kept waiting a second time
  desk.done()
  expect(await asked).toBe('take')
  expect(await desk.next()).toBe('batch 6-9')
  desk.done()
  await again
  expect(await desk.next()).toBe('later')
  desk.done()
  expect(await askedLater).toBe('later')
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

test('a call that waits for no rows goes by itself, between those who wait for the disk, and a due batch goes first', async () => {
  const desk = new Desk()
  const secured = desk.writer.secured(desk.keep(2))
  expect(await desk.next()).toBe('secure 1-2')
  const asked = desk.writer.call('store', 'prune', [], 0)
  const securedLater = desk.writer.secured(desk.keep(1))
  desk.done()
  await secured
  expect(await desk.next()).toBe('prune')
  desk.done()
  expect(await asked).toBe('prune')
  expect(await desk.next()).toBe('secure 3-3')
  desk.keep(1500)
  const askedLast = desk.writer.call('store', 'prune', [], 0)
  desk.done()
  await securedLater
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
