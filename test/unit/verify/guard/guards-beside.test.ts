import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

import { expect, onTestFinished, test, vi } from 'vitest'

import { sampleDelivery, sampleExchange } from '../../../contract/ledger-samples.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { expectKnown, pause, type Stage, stage, told, WINDOW_MS } from './guard-stage.ts'

/** Ways in which a file comes not to be believed, and what is said then. */
const oddities: Readonly<Record<string, (here: Stage) => Promise<unknown> | void>> = {
  'bytes that were changed': (here) => {
    const bytes = readFileSync(here.file)
    bytes[100] = (bytes[100] ?? 0) ^ 1
    writeFileSync(here.file, bytes)
  },
  'a piece that was changed': (here) => {
    const bytes = readFileSync(`${here.file}.pieces`)
    bytes[1000] = (bytes[1000] ?? 0) ^ 1
    writeFileSync(`${here.file}.pieces`, bytes)
  },
  'an end before its end': (here) => writeFileSync(`${here.file}.pieces`, ''),
  'no such file': (here) => rmSync(`${here.file}.pieces`),
  'a length that cannot be': (here) => writeFileSync(here.file, ''),
  'another form': (here) => {
    const bytes = readFileSync(here.file)
    bytes.write('RBG2') // with records of another size
    writeFileSync(here.file, bytes)
  },
  'too long ago': (here) => {
    here.aheadMs = WINDOW_MS
  },
  'still to come': (here) => {
    here.aheadMs = -5000
  },
  'another ledger': async (here) => {
    const other = await stage()
    const guards = await other.start()
    await other.take(10, guards)
    await guards.keep()
    for (const end of ['', '.pieces']) writeFileSync(here.file + end, readFileSync(other.file + end))
  },
  EISDIR: (here) => {
    rmSync(here.file)
    mkdirSync(here.file)
  },
}

test.each(Object.entries(oddities))(
  'a file with %s is left aside, and the ledger asked',
  async (what, make) => {
    const here = await stage()
    const guards = await here.start()
    const exchanges = await here.take(20, guards)
    await guards.keep()
    await make(here)
    const again = await here.start()
    expect(here.asked[0]).toBe('')
    expect(here.said).toContain(what)
    if (here.aheadMs < WINDOW_MS) expectKnown(again, exchanges)
  },
)

test('a file for another window is removed, and the ledger asked', async () => {
  const here = await stage()
  const guards = await here.start()
  await here.take(20, guards)
  await guards.keep()
  expect((await here.start(WINDOW_MS / 2)).guard.size).toBe(20)
  expect(here.said).toContain('other limits')
  expect(existsSync(here.file)).toBe(false)
})

test('of what was under way at a stop the ledger is asked, and of all before it is not', async () => {
  const here = await stage()
  const guards = await here.start()
  const before = await here.take(20, guards)
  await pause(2)
  // Each in its own way: one delivered after all, one cut off, one of which the ledger never heard.
  const [delivered, cutOff] = [await here.begin(guards), await here.begin(guards)]
  const lost = await here.begin(guards, { isKept: false })
  const after = await here.take(20, guards)
  await guards.keep()
  here.ledger.writer.settle(delivered, sampleDelivery())
  await here.ledger.writer.flush()

  const again = await here.start()
  const position = here.asked[0] ?? ''
  expect(position > (before.at(-1)?.callback.id ?? '')).toBe(true)
  expect(position < delivered.callback.id).toBe(true)
  expectKnown(again, [...before, delivered, ...after])
  for (const { guardKey, bodyHash, callback } of [cutOff, lost]) {
    const admission = again.guard.admit(guardKey, bodyHash, 'another', Date.now())
    expect(admission).toEqual({ kind: 'again', duplicateOf: callback.id })
  }
})

test('while it runs the guards are written as well: a start after a kill asks the ledger for the last few alone', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const here = await stage()
  const guards = await here.start()
  const failed = await here.begin(guards)
  guards.guard.settle(guards.guard.admitted, { ...told, delivered: false })
  guards.repeats.settle(guards.repeats.admitted, { ...told, delivered: false })
  const first = await here.take(9_000, guards)
  vi.advanceTimersByTime(1000)
  // What came since the last look may have some before it that are still outside.
  const late = await here.take(10, guards)
  vi.advanceTimersByTime(1000)
  await waitFor('the file', () => (existsSync(here.file) ? true : undefined))

  // A retry changes a record that was written long ago. Killed before that is written, and after.
  const { guardKey, bodyHash } = failed
  const again = sampleExchange({ exchange: { guardKey, bodyHash, duplicateOf: failed.callback.id } })
  const retried = guards.guard.admit(guardKey, bodyHash, again.callback.id, Date.now())
  expect(retried).toMatchObject({ kind: 'again' })
  here.ledger.writer.keep(again)
  here.ledger.writer.settle(again, sampleDelivery())
  await here.ledger.writer.flush()
  const expectAllKnown = async (position: string | undefined): Promise<void> => {
    const killed = await here.start()
    expect(here.asked[0]).toBe(position)
    expect(here.said).toBe('')
    const known = { kind: 'answered', duplicateOf: failed.callback.id }
    expect(killed.guard.admit(guardKey, bodyHash, 'another', Date.now())).toMatchObject(known)
    expectKnown(killed, [...first.filter((_, index) => index % 97 === 0), ...late])
  }
  expect(here.lookUps).toBe(1)
  await expectAllKnown(first.at(-1)?.callback.id)

  here.lookUps = 0
  guards.guard.settle(guards.guard.admitted, told)
  const [next] = await here.take(1, guards)
  vi.advanceTimersByTime(1000)
  await here.take(9_000, guards)
  rmSync(here.file)
  vi.advanceTimersByTime(1000)
  await waitFor('the file', () => (existsSync(here.file) ? true : undefined))
  expect(here.lookUps).toBe(0) // the thread that reads need not begin for each write
  await expectAllKnown(next?.callback.id)
})

test('a stop that cannot write the file ends all the same', async () => {
  const here = await stage()
  const guards = await here.start()
  const exchanges = await here.take(5, guards)
  mkdirSync(`${here.file}.new`)
  await guards.keep()
  expect(here.said).toContain('the next start reads from the ledger')
  expectKnown(await here.start(), exchanges)
})

test('a file goes when it is older than the window: answers are kept no longer than that', async () => {
  const here = await stage()
  const guards = await here.start()
  await here.take(5, guards)
  await guards.keep()
  here.aheadMs = WINDOW_MS - 60_000
  await here.start(WINDOW_MS)
  expect(existsSync(here.file)).toBe(true)
  here.aheadMs = WINDOW_MS - 300
  await here.start(WINDOW_MS)
  await waitFor('the file to go', () => (existsSync(here.file) ? undefined : true))
})
