import type { RouteStretch, RouteSummary } from '../../rows.ts'
import { newSum, type RouteSum, SPANS, summaryOf } from '../../stored/route-sums.ts'
import { type Queryable, rowsOf } from '../connection.ts'

interface RollupRow {
  readonly route: string
  readonly callbacks: number
  readonly failed: number
  readonly last_received_at: number
  readonly last_success_at: number
  readonly latency: readonly number[]
}

/** Numbers of every route since a moment: minutes up to the first full hour, hours from there. */
export async function summariesOf(db: Queryable, sinceMs: number): Promise<readonly RouteSummary[]> {
  const firstHour = Math.ceil(sinceMs / SPANS.hour) * SPANS.hour
  const rows = await rowsOf<RollupRow>(
    db,
    `SELECT route, callbacks, failed, last_received_at, last_success_at, latency FROM rollups
     WHERE (span = ${SPANS.minute} AND start >= $1 AND start < $2) OR (span = ${SPANS.hour} AND start >= $2)`,
    [sinceMs - (sinceMs % SPANS.minute), firstHour],
  )
  const sums = new Map<string, RouteSum>()
  for (const row of rows) {
    const sum = sums.get(row.route) ?? newSum()
    sums.set(row.route, sum)
    sum.callbacks += row.callbacks
    sum.failed += row.failed
    sum.lastReceivedAt = Math.max(sum.lastReceivedAt, row.last_received_at)
    sum.lastSuccessAt = Math.max(sum.lastSuccessAt, row.last_success_at)
    for (const [bucket, count] of row.latency.entries())
      sum.latency[bucket] = (sum.latency[bucket] ?? 0) + count
  }
  return [...sums]
    .map(([route, sum]) => summaryOf(route, sum))
    .toSorted((a, b) => (a.route < b.route ? -1 : 1))
}

/** What came to every route since a moment, in stretches of a length: hours where that is enough, else minutes. */
export async function historyOf(
  db: Queryable,
  sinceMs: number,
  stepMs: number,
): Promise<readonly RouteStretch[]> {
  return rowsOf<RouteStretch>(
    db,
    `SELECT route, start - start % $1::bigint AS at, sum(callbacks) AS callbacks, sum(failed) AS failed FROM rollups
     WHERE span = $2 AND start >= $3 GROUP BY route, 2 ORDER BY route, 2`,
    [stepMs, stepMs >= SPANS.hour ? SPANS.hour : SPANS.minute, sinceMs - (sinceMs % stepMs)],
  )
}
