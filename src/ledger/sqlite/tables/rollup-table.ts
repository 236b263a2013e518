import type { DatabaseSync, StatementSync } from 'node:sqlite'

import { addCounts, type Latency, emptyLatency, encodeLatency, mergeLatency } from '../../latency.ts'
import { BatchSums, type MinuteSum } from '../../stored/batch-sums.ts'
import { SPANS } from '../../stored/route-sums.ts'

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
}

/** The minute, hour and day that a moment lies in. */
type Entries = readonly [Entry, Entry, Entry]

const CACHED = 8192

export function createRollupTable(db: DatabaseSync): RollupTable {
  const select = db.prepare('SELECT * FROM rollups WHERE span = ? AND start = ? AND route = ?')
  const upsert = db.prepare(`INSERT OR REPLACE INTO rollups
    (span, start, route, callbacks, failed, last_received_at, last_success_at, tallies, latency)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const entries = new Map<string, Entry>()

  /** The newest ones of each route: where nearly everything is counted. */
  const newest = new Map<string, Entries>()
  const sums = new BatchSums()

  const entryOf = (span: number, atMs: number, route: string): Entry => {
    const start = atMs - (atMs % span)
    const key = `${span} ${start} ${route}`
    const entry = entries.get(key) ?? loaded(select.get(span, start, route), { span, start, route })
    entries.set(key, entry)
    return entry
  }
  const entriesOf = ({ route, minute }: MinuteSum): Entries => {
    const known = newest.get(route)
    if (known?.[0].start === minute) return known
    const all: Entries = [
      entryOf(SPANS.minute, minute, route),
      entryOf(SPANS.hour, minute, route),
      entryOf(SPANS.day, minute, route),
    ]
    newest.set(route, all)
    return all
  }
  const forget = (): void => {
    sums.clear()
    entries.clear()
    newest.clear()
  }

  return {
    received: (route, atMs) => sums.received(route, atMs),
    attempted: (route, atMs, outcome) => sums.attempted(route, atMs, outcome),
    settled: (route, atMs, result, answerMs) => sums.settled(route, atMs, result, answerMs),
    save() {
      for (const sum of sums.all()) {
        for (const entry of entriesOf(sum)) {
          add(entry, sum)
          write(upsert, entry)
        }
      }
      if (entries.size > CACHED) forget()
      else sums.clear()
    },
    reset: forget,
  }
}

function add(entry: Entry, sum: MinuteSum): void {
  entry.callbacks += sum.callbacks
  entry.failed += sum.failed
  entry.lastReceivedAt = Math.max(entry.lastReceivedAt, sum.lastReceivedAt)
  entry.lastSuccessAt = Math.max(entry.lastSuccessAt, sum.lastSuccessAt)
  for (const [outcome, count] of sum.outcomes) tally(entry, `outcome:${outcome}`, count)
  for (const [result, count] of sum.results) tally(entry, `result:${result}`, count)
  addCounts(entry.latency, sum.latency)
}

function tally(entry: Entry, name: string, count: number): void {
  entry.tallies[name] = (entry.tallies[name] ?? 0) + count
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
}

function loaded(
  row: Record<string, unknown> | undefined,
  key: { readonly span: number; readonly start: number; readonly route: string },
): Entry {
  const latency = emptyLatency()
  if (row === undefined) {
    const zero = { callbacks: 0, failed: 0, lastReceivedAt: 0, lastSuccessAt: 0 }
    return { ...key, ...zero, tallies: {}, latency }
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
  }
}
