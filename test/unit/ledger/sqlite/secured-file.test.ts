import { mkdtemp, rm } from 'node:fs/promises'
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { filesOf, readSecured, SecuredFile } from '../../../../src/ledger/sqlite/recovery/secured-file.ts'
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
const textsOf = (state: { session: string; ticket: number }) =>
  readSecured(ledger, state).map(({ records }) => Buffer.from(records).toString())

test('whatever is secured, committed, begun anew or cut off, what is found is what was not committed', () => {
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
      file.add(piece(ticket, text), step)
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

test('a piece that was being written when the power went is left out, and those before it are found', () => {
  const file = new SecuredFile(ledger, 's', nothing)
  for (const last of [1, 2, 3]) file.add(piece(last), 0)
  file.close()
  for (const path of filesOf(ledger)) {
    const bytes = readFileSync(path)
    const at = bytes.indexOf('row 3')
    if (at !== -1) writeFileSync(path, bytes.fill(0, at + 1))
  }
  expect(textsOf(nothing)).toEqual(['row 1', 'row 2'])
})

test('rows of another ledger, or of one that was put back to an earlier time, are not taken for its own', () => {
  const file = new SecuredFile(ledger, 'later', { session: 'earlier', ticket: 7 })
  file.add(piece(1), 0)
  file.close()
  expect(textsOf({ session: 'earlier', ticket: 7 })).toEqual(['row 1'])
  expect(textsOf({ session: 'later', ticket: 0 })).toEqual(['row 1'])
  expect(textsOf({ session: 'later', ticket: 1 })).toEqual([])
  expect(textsOf({ session: 'long ago', ticket: 7 })).toEqual([])
  expect(textsOf(nothing)).toEqual([])
})

test('under steady load the files do not grow beyond two batches', () => {
  const file = new SecuredFile(ledger, 's', nothing)
  const records = Buffer.alloc(100_000, 'x')
  for (let last = 1; last <= 200; last++) {
    file.add({ rows: 1, records, last }, 0)
    if (last % 5 === 0) file.committed(last - 2) // what was secured since belongs to the next batch
  }
  file.close()
  for (const path of filesOf(ledger)) expect(readFileSync(path).length).toBeLessThan(2_000_000)
})
