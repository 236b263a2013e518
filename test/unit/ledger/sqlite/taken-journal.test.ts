import { appendFileSync, copyFileSync, mkdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Exchange } from '../../../../src/callback/callback.ts'
import {
  journalOf,
  openTakenJournal,
  readTakings,
} from '../../../../src/ledger/sqlite/recovery/taken-journal.ts'
import type { SqliteLedger } from '../../../../src/ledger/sqlite/sqlite-ledger.ts'
import {
  refused,
  rescuedUntil,
  sampleAttempt,
  sampleDelivery,
  sampleExchange,
} from '../../../contract/ledger-samples.ts'
import { createLedgerFile, type LedgerFile } from './ledger-file.ts'

let file: LedgerFile
let after: LedgerFile
beforeEach(async () => {
  file = await createLedgerFile()
  const folder = join(file.path, '../after')
  mkdirSync(folder)
  after = await createLedgerFile(folder)
})
afterEach(async () => {
  await after.end()
  await file.end()
})

/** The ledger as a kill at this moment would leave it: what was written is there, what was only promised is not. */
async function killNow(): Promise<SqliteLedger> {
  await nextTurn()
  for (const end of ['', '-wal']) copyFileSync(file.path + end, after.path + end)
  copyFileSync(journalOf(file.path), journalOf(after.path))
  return after.open()
}

async function keep(ledger: SqliteLedger): Promise<Exchange> {
  const exchange = sampleExchange()
  await ledger.writer.durable(ledger.writer.keep(exchange))
  return exchange
}

test('what a handler took is known after a kill, although nothing of that was committed', async () => {
  const ledger = await file.open()
  const taken = await keep(ledger)
  const open = await keep(ledger)
  ledger.writer.attempt(taken, sampleAttempt({ status: 204 }))
  ledger.writer.attempt(open, refused)
  const { reader, stores } = await killNow()
  expect(await reader.callback(taken.callback.id)).toMatchObject({
    result: 'delivered',
    attempts: 1,
    last_outcome: 'ok',
    attempt_rows: [{ number: 1, outcome: 'ok', status: 204, via: 'live', target: 'primary' }],
  })
  expect(await reader.callback(open.callback.id)).toMatchObject({ result: 'rescued', blame: 'proxy' })
  expect(await stores.rescue.backlog()).toMatchObject([{ waiting: 1, dead: 0 }])
})

test('a late delivery that was taken at the moment of a kill is not made again, and the next of its call is due', async () => {
  const ledger = await file.open()
  const [first, second] = [await keep(ledger), await keep(ledger)]
  for (const each of [first, second]) {
    ledger.writer.attempt(each, refused)
    await ledger.writer.durable(ledger.writer.settle(each, rescuedUntil(0)))
  }
  const query = {
    nowMs: Date.now(),
    leaseMs: 30_000,
    orderWaitMs: 1e9,
    wanted: [{ route: first.route.id, limit: 9 }],
  }
  const { leased } = await ledger.stores.rescue.take(query)
  expect(leased.map(({ kept }) => kept.callback.id)).toEqual([first.callback.id])
  ledger.writer.attempt(first, sampleAttempt({ number: 2, via: 'rescue' }))
  const { reader, stores } = await killNow()
  expect(await reader.callback(first.callback.id)).toMatchObject({
    result: 'delivered_late',
    attempts: 2,
    attempt_rows: [{ outcome: 'refused' }, { number: 2, outcome: 'ok', via: 'rescue' }],
  })
  const next = await stores.rescue.take({ ...query, nowMs: Date.now() + 1 })
  expect(next.leased.map(({ kept }) => kept.callback.id)).toEqual([second.callback.id])
})

test('a dead letter whose replay was taken at the moment of a kill is dead no more', async () => {
  const ledger = await file.open()
  const dead = await keep(ledger)
  ledger.writer.attempt(dead, refused)
  await ledger.writer.durable(ledger.writer.settle(dead, sampleDelivery({ result: 'dead' })))
  ledger.writer.attempt(dead, sampleAttempt({ number: 2, via: 'replay' }))
  const { reader, stores } = await killNow()
  expect(await reader.callback(dead.callback.id)).toMatchObject({ result: 'delivered_late', attempts: 2 })
  expect(await stores.rescue.deadLetters({ limit: 9 })).toEqual([])
})

test('where the fallback took it, the turn of the primary stands there as unknown', async () => {
  const ledger = await file.open()
  const exchange = await keep(ledger)
  ledger.writer.attempt(exchange, refused)
  const [, fallback] = exchange.route.targets
  ledger.writer.attempt(exchange, sampleAttempt({ number: 2, target: fallback ?? exchange.route.targets[0] }))
  const { reader } = await killNow()
  const detail = await reader.callback(exchange.callback.id)
  expect(detail?.attempt_rows.map(({ number, outcome }) => [number, outcome])).toEqual([
    [1, 'unknown'],
    [2, 'ok'],
  ])
})

test('where the fallback took a late delivery, the turn of the primary before it stands there as unknown', async () => {
  const ledger = await file.open()
  const exchange = await keep(ledger)
  const fallback = exchange.route.targets[1] ?? exchange.route.targets[0]
  ledger.writer.attempt(exchange, refused)
  ledger.writer.attempt(exchange, { ...refused, number: 2, target: fallback })
  await ledger.writer.durable(ledger.writer.settle(exchange, rescuedUntil(0)))
  ledger.writer.attempt(exchange, { ...refused, number: 3, via: 'rescue' })
  const taken = sampleAttempt({ number: 4, via: 'rescue', target: fallback })
  ledger.writer.attempt(exchange, taken)
  const { reader } = await killNow()
  const detail = await reader.callback(exchange.callback.id)
  expect(detail).toMatchObject({ result: 'delivered_late', attempts: 4 })
  expect(detail?.attempt_rows).toMatchObject([
    { number: 1, target: 'primary', outcome: 'refused', via: 'live' },
    { number: 2, target: 'fallback', outcome: 'refused', via: 'live' },
    { number: 3, target: 'primary', outcome: 'unknown', via: 'rescue', started_at: taken.startedAt },
    { number: 4, target: 'fallback', outcome: 'ok', via: 'rescue' },
  ])
})

test('the journal keeps to its size, and torn or strange entries are left out', () => {
  const journal = openTakenJournal(file.path)
  const ids = Array.from({ length: 8200 }, () => sampleExchange().callback.id)
  for (const id of ids) journal.note(id, sampleAttempt())
  journal.close()
  journal.note('after its end', sampleAttempt())
  const size = readFileSync(journalOf(file.path)).length
  expect(size).toBe(8192 * 80)
  expect(new Set(readTakings(file.path).map(({ id }) => id))).toEqual(new Set(ids.slice(8)))
  truncateSync(journalOf(file.path), size - 40)
  appendFileSync(journalOf(file.path), '\0\0\0\nnonsense 1 primary live 200 0\n')
  expect(readTakings(file.path)).toHaveLength(8191)
  expect(readTakings(join(file.path, 'nowhere'))).toEqual([])
  openTakenJournal(join(file.path, 'no/such/folder')).note(ids[0] ?? '', sampleAttempt())
})
