import type { DatabaseSync, StatementSync } from 'node:sqlite'

import { type Latency, addLatency, emptyLatency, encodeLatency, mergeLatency } from '../../latency.ts'
import { failedResults, SPANS } from '../../stored/route-sums.ts'

/** Numbers of each route by minute, hour and day, added up with each batch in the batch's own transaction. */
export interface RollupTable {
  received(route: string, atMs: number): void
  attempted(route: string, atMs: number, outcome: string): void
  settled(route: string, atMs: number, result: string, answerMs: number): void
  save(): void
  /** Forgets what was not written: the transaction was undone. */
  reset(): void
}

interface Entry {
  readonly span: number
  readonly start: number
  readonly route: string
  callbacks: number
  failed: number
  lastReceivedAt: number
  lastSuccessAt: number
  readonly tallies: Record<string, number>
  readonly latency: Latency
  isChanged: boolean
}

const CACHED = 8192

export function createRollupTable(db: DatabaseSync): RollupTable {
  const select = db.prepare('SELECT * FROM rollups WHERE span = ? AND start = ? AND route = ?')
  const upsert = db.prepare(`INSERT OR REPLACE INTO rollups
    (span, start, route, callbacks, failed, last_received_at, last_success_at, tallies, latency)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const entries = new Map<string, Entry>()

  /** The newest minute, hour and day of each route: where nearly everything is counted. */
  const newest = new Map<string, readonly [Entry, Entry, Entry]>()

  const entryOf = (span: number, atMs: number, route: string): Entry => {
    const start = atMs - (atMs % span)
    const key = `${span} ${start} ${route}`
    const entry = entries.get(key) ?? loaded(select.get(span, start, route), { span, start, route })
    entries.set(key, entry)
    return entry
  }
  const each = (route: string, atMs: number, change: (entry: Entry) => void): void => {
    let all = newest.get(route)
    if (all === undefined || atMs < all[0].start || atMs >= all[0].start + SPANS.minute) {
      all = [
        entryOf(SPANS.minute, atMs, route),
        entryOf(SPANS.hour, atMs, route),
        entryOf(SPANS.day, atMs, route),
      ]
      newest.set(route, all)
    }
    for (const entry of all) {
      entry.isChanged = true
      change(entry)
    }
  }
  const forget = (): void => {
    entries.clear()
    newest.clear()
  }

  return {
    received: (route, atMs) =>
      each(route, atMs, (entry) => {
        entry.callbacks++
        entry.lastReceivedAt = Math.max(entry.lastReceivedAt, atMs)
      }),
    attempted: (route, atMs, outcome) =>
      each(route, atMs, (entry) => {
        count(entry, `outcome:${outcome}`)
        if (outcome === 'ok') entry.lastSuccessAt = Math.max(entry.lastSuccessAt, atMs)
      }),
    settled: (route, atMs, result, answerMs) =>
      each(route, atMs, (entry) => {
        count(entry, `result:${result}`)
        if (failedResults.has(result)) entry.failed++
        addLatency(entry.latency, answerMs)
      }),
    save() {
      for (const entry of entries.values()) if (entry.isChanged) write(upsert, entry)
      if (entries.size > CACHED) forget()
    },
    reset: forget,
  }
}

function write(upsert: StatementSync, entry: Entry): void {
  upsert.run(
    entry.span,
    entry.start,
    entry.route,
    entry.callbacks,
    entry.failed,
    entry.lastReceivedAt,
    entry.lastSuccessAt,
    JSON.stringify(entry.tallies),
    encodeLatency(entry.latency),
  )
  entry.isChanged = false
}

function count(entry: Entry, name: string): void {
  entry.tallies[name] = (entry.tallies[name] ?? 0) + 1
}

function loaded(
  row: Record<string, unknown> | undefined,
  key: { readonly span: number; readonly start: number; readonly route: string },
): Entry {
  const latency = emptyLatency()
  if (row === undefined) {
    const zero = { callbacks: 0, failed: 0, lastReceivedAt: 0, lastSuccessAt: 0 }
    return { ...key, ...zero, tallies: {}, latency, isChanged: false }
  }
  mergeLatency(latency, row['latency'] as Uint8Array)
  return {
    ...key,
    callbacks: Number(row['callbacks']),
    failed: Number(row['failed']),
    lastReceivedAt: Number(row['last_received_at']),
    lastSuccessAt: Number(row['last_success_at']),
    tallies: JSON.parse(String(row['tallies'])) as Record<string, number>,
    latency,
    isChanged: false,
  }
}
