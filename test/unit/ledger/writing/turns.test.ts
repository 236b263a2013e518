import { afterEach, expect, test, vi } from 'vitest'

import { Desk, MAX_ROWS } from './desk.ts'

async function problemOf(promise: Promise<unknown>): Promise<string> {
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

/** A desk with one row, which is on disk and in no batch. */
async function withOneSecured(): Promise<Desk> {
  const desk = new Desk()
  const secured = desk.writer.secured(desk.keep(1))
  expect(await desk.piece()).toBe('1-1')
  desk.secured()
  await secured
  return desk
}

afterEach(() => {
  vi.useRealTimers()
})

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

test('of many rows that nobody waits for, where others of them are secured, the rest is secured before their batch goes', async () => {
  const desk = await withOneSecured()
  desk.keep(100)
  expect(await desk.piece()).toBe('2-101')
  expect(desk.turns).toBe(0)
  desk.secured()
  expect(await desk.next()).toBe('batch 1-101')
})

test('many rows of which none is secured go as they are', async () => {
  const desk = new Desk()
  desk.keep(100)
  expect(await desk.next()).toBe('batch 1-100')
  expect(desk.pieces).toBe(0)
})

test('few rows go as they are, also where others of them are secured', async () => {
  const desk = await withOneSecured()
  desk.keep(10)
  expect(await desk.next()).toBe('batch 1-11')
  expect(desk.pieces).toBe(0)
})

test('many rows that gather are sent at once when somebody waits for them to be committed', async () => {
  const desk = await withOneSecured()
  desk.keep(100)
  const committed = desk.writer.durable(desk.keep(1))
  expect(await desk.next()).toBe('batch 1-102')
  desk.done()
  await committed
  expect(desk.pieces).toBe(0)
})

test('the next piece goes when the one before is on disk, without waiting for a timer', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const desk = new Desk()
  for (const row of [1, 2, 3]) {
    const secured = desk.writer.secured(desk.keep(1))
    expect(await desk.piece()).toBe(`${row}-${row}`)
    desk.secured()
    await secured
  }
})

test('what its batch has committed in the meantime is not secured any more', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
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

test('a piece that fails when its batch is committed already stops nothing, and the next one is tried', async () => {
  const desk = new Desk()
  const first = desk.writer.secured(desk.keep(1))
  expect(await desk.piece()).toBe('1-1')
  expect(await desk.next()).toBe('batch 1-1')
  desk.done()
  await first
  desk.secured('disk full')
  expect(desk.writer.health()).toMatchObject({ isWritable: true, queued: 0 })
  const second = desk.writer.secured(desk.keep(2))
  expect(await desk.piece()).toBe('2-3')
  desk.secured()
  await second
  expect(desk.failures).toEqual([])
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
  expect(await desk.piece()).toBe('6-6')
  desk.secured('still full')
  expect(await later).toMatch(/still full$/)
  expect(await desk.next()).toBe('batch 6-6')
  desk.done()
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

test('when the last rows that wait are given up, nothing is left that cannot be written', async () => {
  const desk = new Desk()
  const written = problemOf(desk.writer.durable(desk.keep(1)))
  expect(await desk.next()).toBe('batch 1-1')
  desk.done('disk full')
  expect(await written).toMatch(/disk full$/)
  expect(await desk.next()).toBe('batch 1-1')
  desk.keep(1)
  desk.done('these rows are not to be read', false)
  expect(desk.writer.health()).toMatchObject({ isWritable: false, queued: 1 }) // whether that lasts, they find out
  expect(await desk.next()).toBe('batch 2-2')
  desk.done('nor are these', false)
  expect(desk.writer.health()).toEqual({ isWritable: true, problem: '', queued: 0 })
  expect(desk.lost).toBe(2)
})

test('while the writer thread cannot be started nobody waits, and rows that do not fit are told', async () => {
  const desk = new Desk()
  const written = problemOf(desk.writer.durable(desk.keep(1)))
  expect(await desk.next()).toBe('batch 1-1')
  desk.writer.ended('it ended')
  const secured = problemOf(desk.writer.secured(desk.keep(1)))
  const asked = problemOf(desk.writer.call('store', 'take', []))
  desk.keep(2 * MAX_ROWS)
  desk.writer.couldNotRestart('no thread')
  for (const told of [written, secured, asked]) expect(await told).toMatch(/no thread$/)
  await expect(desk.writer.flush()).rejects.toThrow('no thread')
  expect(desk.writer.health()).toMatchObject({ isWritable: false, problem: 'no thread' })
  expect(desk.lost).toBe(2)
  desk.keep(3)
  desk.writer.couldNotRestart('no thread')
  expect(desk.lost).toBe(5)
  desk.keep(4)
  desk.writer.close()
  expect(desk.lost).toBe(9 + 2 * MAX_ROWS)
})

test('a writer thread that is there again at last needs no row to be well', async () => {
  const desk = new Desk()
  desk.writer.ended('it ended')
  desk.writer.couldNotRestart('no thread')
  desk.writer.restarted()
  expect(desk.writer.health().isWritable).toBe(true)
  desk.writer.ended('it ended')
  desk.keep(1)
  desk.writer.couldNotRestart('no thread')
  desk.writer.restarted()
  expect(desk.writer.health().isWritable).toBe(false)
  expect(await desk.next()).toBe('batch 1-1')
  desk.done()
  expect(desk.writer.health()).toMatchObject({ isWritable: true, queued: 0 })
  expect(desk.failures).toEqual(['no thread', 'no thread'])
})

test('rows that come when the writer is closed are planned for nobody', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const desk = await withOneSecured()
  desk.writer.close()
  desk.keep(100)
  await vi.advanceTimersByTimeAsync(1000)
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  expect([desk.turns, desk.pieces, vi.getTimerCount()]).toEqual([0, 0, 0])
})
