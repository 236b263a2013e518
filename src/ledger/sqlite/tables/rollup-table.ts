import type { DatabaseSync, StatementSync } from 'node:sqlite'

import { addCounts, emptyLatency, encodeLatency, mergeLatency } from '../../latency.ts'
import type { MinuteSum } from '../../stored/batch-sums.ts'
import { newSum, type RouteSum, SPANS } from '../../stored/route-sums.ts'

/** Numbers of each route by minute, hour and day. */
export interface RollupTable {
  /** Adds to the three rows of a route that a minute lies in. */
  add(sum: MinuteSum): void
  /** Forgets what it remembers of rows: the transaction was undone, or somebody else has written. */
  forget(): void
}

interface Entry extends RouteSum {
  readonly span: number
  readonly start: number
  readonly route: string
}

/** The minute, hour and day that a moment lies in. */
type Entries = readonly [Entry, Entry, Entry]

/** Routes whose newest rows are remembered. */
const REMEMBERED = 8192

export function createRollupTable(db: DatabaseSync): RollupTable {
  const select = db.prepare('SELECT * FROM rollups WHERE span = ? AND start = ? AND route = ?')
  // Nobody reads `tallies` any more; to drop the column would write every row of a large ledger again.
  const upsert = db.prepare(`INSERT OR REPLACE INTO rollups
    (span, start, route, callbacks, failed, last_received_at, last_success_at, tallies, latency)
    VALUES (?, ?, ?, ?, ?, ?, ?, '', ?)`)
  /** The newest ones of each route: where nearly everything is counted. */
  const newest = new Map<string, Entries>()

  const entryOf = (span: number, { route, minute }: MinuteSum, known: Entry | undefined): Entry => {
    const start = minute - (minute % span)
    if (known?.start === start) return known
    return Object.assign(loaded(select.get(span, start, route)), { span, start, route })
  }
  const entriesOf = (sum: MinuteSum): Entries => {
    const known = newest.get(sum.route)
    if (known?.[0].start === sum.minute) return known
    const all: Entries = [
      entryOf(SPANS.minute, sum, undefined),
      entryOf(SPANS.hour, sum, known?.[1]),
      entryOf(SPANS.day, sum, known?.[2]),
    ]
    if (known !== undefined && sum.minute < known[0].start) return all
    if (newest.size >= REMEMBERED) newest.clear()
    newest.set(sum.route, all)
    return all
  }

  return {
    add(sum) {
      for (const entry of entriesOf(sum)) {
        entry.callbacks += sum.callbacks
        entry.failed += sum.failed
        entry.lastReceivedAt = Math.max(entry.lastReceivedAt, sum.lastReceivedAt)
        entry.lastSuccessAt = Math.max(entry.lastSuccessAt, sum.lastSuccessAt)
        addCounts(entry.latency, sum.latency)
        write(upsert, entry)
      }
    },
    forget() {
      newest.clear()
    },
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
    encodeLatency(entry.latency),
  )
}

function loaded(row: Record<string, unknown> | undefined): RouteSum {
  if (row === undefined) return newSum()
  const latency = emptyLatency()
  mergeLatency(latency, row['latency'] as Uint8Array)
  return {
    callbacks: Number(row['callbacks']),
    failed: Number(row['failed']),
    lastReceivedAt: Number(row['last_received_at']),
    lastSuccessAt: Number(row['last_success_at']),
    latency,
  }
}
