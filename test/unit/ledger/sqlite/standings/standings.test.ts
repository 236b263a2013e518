import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { SqliteLedger } from '../../../../../src/ledger/sqlite/sqlite-ledger.ts'
import { sumUp } from '../../../../../src/ledger/sqlite/standings/sum-up.ts'
import { WriterHost } from '../../../../../src/ledger/sqlite/writer-host.ts'
import type { Batch } from '../../../../../src/ledger/writing/protocol.ts'
import { intBelow, pick, pickSeed, seededRandom } from '../../../../support/random.ts'
import { failed, refused, sampleExchange } from '../../../../contract/ledger-samples.ts'
import { createLedgerFile } from '../ledger-file.ts'
import { ManyRoutes } from './many-routes.ts'
import { numbersIn, type Numbers, PlainNumbers } from './plain-numbers.ts'

const MANY = 60
const FEW = 5
/** Of 14 November 2023: nobody's clock of today. */
const START = 1_700_000_000_000

let folder: string
let copies: number
const hosts: WriterHost[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ringback-standings-'))
  copies = 0
})
afterEach(async () => {
  for (const host of hosts.splice(0)) host.close()
  await rm(folder, { recursive: true, force: true })
})

function openHost(path: string, session = 's'): WriterHost {
  const host = new WriterHost({
    path,
    session,
    isFirst: false,
    bodies: 'none',
    bodyLimit: 100,
    refusalLimit: 10,
    replayWindowMs: 1000,
  })
  hosts.push(host)
  return host
}

/** The file as a process that is killed at this moment leaves it. */
async function asKilled(path: string): Promise<string> {
  const copy = join(folder, `copy-${++copies}.db`)
  await copyFile(path, copy)
  await copyFile(`${path}-wal`, `${copy}-wal`)
  return copy
}

function look<Seen>(path: string, see: (db: DatabaseSync) => Seen): Seen {
  const db = new DatabaseSync(path)
  try {
    return see(db)
  } finally {
    db.close()
  }
}

const notes = (path: string): unknown =>
  look(path, (db) => db.prepare('SELECT count(*) AS n FROM unsummed').get()?.['n'])

/** What the rows of a ledger hold once it is opened again. */
async function afterKill(path: string): Promise<Numbers> {
  return look(await asKilled(path), (db) => {
    sumUp(db)
    return numbersIn(db)
  })
}

/** Lets the transaction of a batch fail when nearly all of it is written. */
function commitWithFailure(path: string, host: WriterHost, batch: Batch): void {
  look(path, (db) =>
    db.exec(`CREATE TRIGGER fail BEFORE UPDATE ON state BEGIN SELECT raise(ABORT, 'no room'); END`),
  )
  expect(host.run({ batch, calls: [] }).batch?.problem).toBe('no room')
  look(path, (db) => db.exec('DROP TRIGGER fail'))
}

function commit(host: WriterHost, batch: Batch): void {
  expect(host.run({ batch, calls: [] }).batch?.problem).toBe('')
}

/** Two moments without a batch: the second one is quiet. */
function pauseOf(host: WriterHost): void {
  host.whenQuiet()
  host.whenQuiet()
}

/** 250 failed callbacks, each of a route of its own. */
function arrive({ writer }: SqliteLedger): void {
  for (let i = 0; i < 250; i++) {
    const exchange = sampleExchange({ route: { id: `route-${i}` } })
    writer.keep(exchange)
    writer.attempt(exchange, refused)
    writer.settle(exchange, failed)
  }
}

async function failuresIn(ledger: SqliteLedger): Promise<readonly unknown[]> {
  return [
    (await ledger.reader.routes(0)).reduce((sum, route) => sum + route.failed, 0),
    (await ledger.reader.streaks()).reduce((sum, { streak }) => sum + streak.failures, 0),
  ]
}

test('numbers and streaks are exact whatever the number of routes, through failed commits, kills and pauses', async () => {
  const seed = pickSeed()
  const random = seededRandom(seed)
  const expected = new PlainNumbers()
  const traffic = new ManyRoutes(random, expected)
  let path = join(folder, 'ledger.db')
  let host = openHost(path)
  let now = START
  let mostNotes = 0
  for (let check = 0; check < 8; check++) {
    for (let i = 0; i < 10; i++) {
      now += pick(random, [0, 1, 20, 20, 20, 300, 1500, 61_000, -5000])
      const routes = random() < 0.8 ? MANY : FEW
      const batch = traffic.batch(now, routes, 1 + intBelow(random, 49))
      if (random() < 0.1) commitWithFailure(path, host, batch)
      commit(host, batch)
      if (random() < 0.05) pauseOf(host)
      if (random() < 0.05) {
        path = await asKilled(path)
        host = openHost(path)
      }
    }
    mostNotes = Math.max(mostNotes, Number(notes(path)))
    const rows = await afterKill(path)
    expect({ seed, check, rows }).toEqual({ seed, check, rows: expected.rows() })
  }
  host.close()
  expect({ seed, rows: look(path, numbersIn) }).toEqual({ seed, rows: expected.rows() })
  expect(notes(path)).toBe(0)
  expect(mostNotes, `seed ${seed}`).toBeGreaterThan(1)
})

test('a batch that touches few routes writes their rows, and those of the batches before', () => {
  const path = join(folder, 'ledger.db')
  const host = openHost(path)
  const random = seededRandom(1)
  const expected = new PlainNumbers()
  const traffic = new ManyRoutes(random, expected)
  commit(host, traffic.batch(START, FEW, 20))
  expect(look(path, numbersIn)).toEqual(expected.rows())
  expect(notes(path)).toBe(0)
})

test('rows of many routes are written by turns, about once in five seconds', () => {
  const path = join(folder, 'ledger.db')
  const host = openHost(path)
  const traffic = new ManyRoutes(seededRandom(1), new PlainNumbers())
  const routesWritten = (): number =>
    look(path, (db) => Number(db.prepare('SELECT count(DISTINCT route) AS n FROM rollups').get()?.['n']))
  commit(host, traffic.batch(START, MANY, 500))
  expect(routesWritten()).toBe(1)
  commit(host, traffic.batch(START + 1250, MANY, 500))
  expect(routesWritten()).toBe(15)
  commit(host, traffic.batch(START + 5000, MANY, 500))
  expect(routesWritten()).toBe(MANY)
})

test('notes are not gathered: those of a round go when the next one is over', () => {
  const path = join(folder, 'ledger.db')
  const host = openHost(path)
  const traffic = new ManyRoutes(seededRandom(1), new PlainNumbers())
  for (let i = 0; i < 30; i++) commit(host, traffic.batch(START + i * 1250, MANY, 50))
  expect(notes(path)).toBeGreaterThan(1)
  expect(notes(path)).toBeLessThan(12)
})

test('in a quiet moment what was noted is written without another batch', () => {
  const path = join(folder, 'ledger.db')
  const host = openHost(path)
  const expected = new PlainNumbers()
  const traffic = new ManyRoutes(seededRandom(1), expected)
  commit(host, traffic.batch(START, 300, 900))
  host.whenQuiet()
  expect(notes(path)).toBe(1)
  for (let i = 0; i < 3; i++) host.whenQuiet()
  expect(notes(path)).toBe(0)
  expect(look(path, numbersIn)).toEqual(expected.rows())
})

test('numbers of many routes are complete a moment after the last of them, and all of them at the end', async () => {
  const file = await createLedgerFile(folder)
  const first = await file.open()
  arrive(first)
  await expect.poll(() => failuresIn(first), { timeout: 8000 }).toEqual([250, 250])
  arrive(first)
  await first.close()
  expect(notes(file.path)).toBe(0)
  expect(await failuresIn(await file.open())).toEqual([500, 500])
  await file.end()
})
