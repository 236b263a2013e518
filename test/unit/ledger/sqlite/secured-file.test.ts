import { mkdtemp, rm } from 'node:fs/promises'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'

import { filesOf, readSecured, SecuredFile } from '../../../../src/ledger/sqlite/recovery/secured-file.ts'
import type { Secured } from '../../../../src/ledger/writing/securing-lane.ts'
import { fillDisk, mountSmallDisk } from '../../../support/small-disk.ts'
import { intBelow, pickSeed, seededRandom } from '../../../support/random.ts'

let folder = ''
let ledger = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringback-secured-'))
  ledger = join(folder, 'ringback.db')
})
afterEach(async () => rm(folder, { recursive: true, force: true }))

const nothing = { session: '', ticket: 0 }
const piece = (last: number, text = `row ${last}`) => ({ rows: 1, records: Buffer.from(text), last })
const add = async (file: SecuredFile, rows: Secured): Promise<void> => {
  const problem = await new Promise<string>((resolve) => file.add(rows, 0, resolve))
  if (problem !== '') throw new Error(problem)
}
const textsOf = (state: { session: string; ticket: number }) =>
  readSecured(ledger, state).map(({ records }) => Buffer.from(records).toString())

test('whatever is secured, committed, begun anew or cut off, what is found is what was not committed', async () => {
  const seed = pickSeed()
  const random = seededRandom(seed)
  let state = nothing
  let session = 0
  let file = new SecuredFile(ledger, `session ${session}`, state)
  let ticket = 0
  /** Not committed, oldest first. */
  let open: { last: number; text: string }[] = []
  for (let step = 0; step < 600; step++) {
    const dice = intBelow(random, 100)
    if (dice < 60) {
      ticket += 1 + intBelow(random, 3)
      const text = `${step} ${'x'.repeat(intBelow(random, dice === 0 ? 400_000 : 3_000))}`
      await add(file, piece(ticket, text))
      open.push({ last: ticket, text })
    } else if (dice < 90 && open.length > 0) {
      const upTo = open[intBelow(random, open.length)]?.last ?? 0
      state = { session: `session ${session}`, ticket: upTo }
      file.committed(upTo)
      open = open.filter(({ last }) => last > upTo)
    } else if (dice < 95) {
      file.close()
      file = new SecuredFile(ledger, `session ${session}`, state)
    } else {
      file.close()
      if (open.length > 0) state = { session: `session ${session}`, ticket } // as its recovery leaves it
      open = []
      ticket = 0
      session += 1
      file = new SecuredFile(ledger, `session ${session}`, state)
    }
    expect(textsOf(state), `TEST_SEED=${seed} step ${step}`).toEqual(open.map(({ text }) => text))
  }
  file.close()
})

test('a piece that was being written when the power went is left out, and those before it are found', async () => {
  const file = new SecuredFile(ledger, 's', nothing)
  for (const last of [1, 2, 3]) await add(file, piece(last))
  file.close()
  for (const path of filesOf(ledger)) {
    const bytes = readFileSync(path)
    const at = bytes.indexOf('row 3')
    if (at !== -1) writeFileSync(path, bytes.fill(0, at + 1))
  }
  expect(textsOf(nothing)).toEqual(['row 1', 'row 2'])
})

test('rows of another ledger, or of one that was put back to an earlier time, are not taken for its own', async () => {
  const file = new SecuredFile(ledger, 'later', { session: 'earlier', ticket: 7 })
  await add(file, piece(1))
  file.close()
  expect(textsOf({ session: 'earlier', ticket: 7 })).toEqual(['row 1'])
  expect(textsOf({ session: 'later', ticket: 0 })).toEqual(['row 1'])
  expect(textsOf({ session: 'later', ticket: 1 })).toEqual([])
  expect(textsOf({ session: 'long ago', ticket: 7 })).toEqual([])
  expect(textsOf(nothing)).toEqual([])
})

test('under steady load the files do not grow beyond two batches', async () => {
  const file = new SecuredFile(ledger, 's', nothing)
  const records = Buffer.alloc(100_000, 'x')
  for (let last = 1; last <= 200; last++) {
    await add(file, { rows: 1, records, last })
    if (last % 5 === 0) file.committed(last - 2) // what was secured since belongs to the next batch
  }
  file.close()
  for (const path of filesOf(ledger)) expect(readFileSync(path).length).toBeLessThan(2_000_000)
})

test('a batch may be committed while a piece of it is still being written', async () => {
  const file = new SecuredFile(ledger, 's', nothing)
  await add(file, piece(1))
  const written = add(file, piece(2, 'longer than the one before'))
  file.committed(2)
  await written
  expect(textsOf({ session: 's', ticket: 2 })).toEqual([])
  await add(file, piece(3))
  await add(file, piece(4))
  expect(textsOf({ session: 's', ticket: 2 })).toEqual(['row 3', 'row 4'])
  file.close()
})

test('what was handed over may change at once: a copy of it is written', async () => {
  const file = new SecuredFile(ledger, 's', nothing)
  const records = Buffer.from('as it was')
  const written = add(file, { rows: 1, records, last: 1 })
  records.fill('x')
  await written
  file.close()
  expect(textsOf(nothing)).toEqual(['as it was'])
})

const smallDisk = mkdtempSync(join(tmpdir(), 'ringback-disk-'))
const mounted = mountSmallDisk(smallDisk)
afterAll(() => {
  mounted?.unmount()
  rmSync(smallDisk, { recursive: true, force: true })
})

test.skipIf(mounted === undefined)(
  'a full disk is said, and what is secured once there is room again follows what was before [needs root for a tmpfs]',
  async () => {
    ledger = join(smallDisk, 'ringback.db')
    const filler = join(smallDisk, 'filler')
    const file = new SecuredFile(ledger, 's', nothing)
    await add(file, piece(1))
    expect(fillDisk(filler)).toBe('ENOSPC')
    const large = { rows: 1, records: Buffer.alloc(2_000_000, 'x'), last: 2 }
    await expect(add(file, large)).rejects.toThrow('the disk is full')
    await expect(add(file, large)).rejects.toThrow('the disk is full')
    expect(textsOf(nothing)).toEqual(['row 1'])
    rmSync(filler)
    await add(file, piece(2))
    expect(textsOf(nothing)).toEqual(['row 1', 'row 2'])
    // What was open when the disk failed is given up: here its name leads to another file since.
    fillDisk(filler)
    await expect(add(file, large)).rejects.toThrow('the disk is full')
    for (const path of [filler, ...filesOf(ledger)]) rmSync(path)
    await add(file, piece(3))
    expect(textsOf(nothing)).toEqual(['row 3'])
    file.close()
  },
)
