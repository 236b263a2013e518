import type { DatabaseSync } from 'node:sqlite'

import type { Attempt, Delivery } from '../../../../../src/callback/attempt.ts'
import type { Exchange } from '../../../../../src/callback/callback.ts'
import { foldStreak, noStreak, type Streak } from '../../../../../src/callback/streak.ts'
import { addLatency, emptyLatency, encodeLatency } from '../../../../../src/ledger/latency.ts'

const SPANS = [60_000, 3_600_000, 86_400_000]

interface Row {
  callbacks: number
  failed: number
  lastReceivedAt: number
  lastSuccessAt: number
  readonly latency: Uint32Array
}

/** Numbers and streaks as they have to stand in the ledger: each row by its key, as text. */
export type Numbers = Readonly<Record<string, string>>

/** What numbers and streaks have to be, counted one callback at a time. */
export class PlainNumbers {
  readonly #rows = new Map<string, Row>()
  readonly #streaks = new Map<string, Streak>()

  received({ callback, route }: Exchange): void {
    for (const row of this.#rowsOf(route.id, callback.receivedAt)) {
      row.callbacks++
      row.lastReceivedAt = Math.max(row.lastReceivedAt, callback.receivedAt)
    }
  }

  attempted({ callback, route }: Exchange, { startedAt, outcome, target }: Attempt): void {
    const isOk = outcome === 'ok'
    for (const row of this.#rowsOf(route.id, startedAt)) {
      if (isOk) row.lastSuccessAt = Math.max(row.lastSuccessAt, startedAt)
    }
    const key = `${route.id} ${target.role}`
    this.#streaks.set(key, foldStreak(this.#streaks.get(key) ?? noStreak, callback.id, isOk))
  }

  settled({ callback, route }: Exchange, { result, answerMs }: Delivery): void {
    for (const row of this.#rowsOf(route.id, callback.receivedAt)) {
      if (result !== 'delivered') row.failed++
      addLatency(row.latency, answerMs)
    }
  }

  rows(): Numbers {
    const rows = [...this.#rows].map(([key, { latency, ...row }]) => [
      key,
      textOf(Object.values(row), encodeLatency(latency)),
    ])
    const streaks = [...this.#streaks].map(([key, streak]) => [key, JSON.stringify(streak)])
    return Object.fromEntries([...rows, ...streaks]) as Numbers
  }

  #rowsOf(route: string, atMs: number): Row[] {
    return SPANS.map((span) => {
      const key = `${span} ${atMs - (atMs % span)} ${route}`
      const row = this.#rows.get(key) ?? newRow()
      this.#rows.set(key, row)
      return row
    })
  }
}

/** What stands in the rows of a ledger. */
export function numbersIn(db: DatabaseSync): Numbers {
  const rows = db.prepare('SELECT * FROM rollups').all()
  const streaks = db.prepare('SELECT * FROM streaks').all()
  return Object.fromEntries([
    ...rows.map(({ span, start, route, callbacks, failed, last_received_at, last_success_at, latency }) => [
      `${String(span)} ${String(start)} ${String(route)}`,
      textOf([callbacks, failed, last_received_at, last_success_at], latency as Uint8Array),
    ]),
    ...streaks.map(({ route, target, streak }) => [`${String(route)} ${String(target)}`, String(streak)]),
  ]) as Numbers
}

function newRow(): Row {
  return { callbacks: 0, failed: 0, lastReceivedAt: 0, lastSuccessAt: 0, latency: emptyLatency() }
}

function textOf(numbers: readonly unknown[], latency: Uint8Array): string {
  return `${numbers.join(' ')} ${Buffer.from(latency).toString('hex')}`
}
