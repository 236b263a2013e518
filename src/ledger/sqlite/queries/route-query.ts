import type { DatabaseSync } from 'node:sqlite'

import { mergeLatency } from '../../latency.ts'
import type { RouteStretch, RouteSummary } from '../../rows.ts'
import { newSum, type RouteSum, SPANS, summaryOf } from '../../stored/route-sums.ts'

/** Numbers of every route since a moment: minutes up to the first full hour, hours up to the first full day, then days. */
export function createRouteQuery(db: DatabaseSync): (sinceMs: number) => RouteSummary[] {
  const columns = 'route, callbacks, failed, last_received_at, last_success_at, latency'
  const within = 'start >= ? AND start < ?'
  const select = db.prepare(`
    SELECT ${columns} FROM rollups WHERE span = ${SPANS.minute} AND ${within}
    UNION ALL SELECT ${columns} FROM rollups WHERE span = ${SPANS.hour} AND ${within}
    UNION ALL SELECT ${columns} FROM rollups WHERE span = ${SPANS.day} AND start >= ?`)
  const daysFrom = db.prepare('SELECT days_from FROM state')
  return (sinceMs) => {
    const firstMinute = sinceMs - (sinceMs % SPANS.minute)
    const firstHour = Math.ceil(sinceMs / SPANS.hour) * SPANS.hour
    const firstDay = Math.max(
      Math.ceil(sinceMs / SPANS.day) * SPANS.day,
      Number(daysFrom.get()?.['days_from']),
    )
    const sums = new Map<string, RouteSum>()
    for (const row of select.iterate(firstMinute, firstHour, firstHour, firstDay, firstDay)) {
      const route = String(row['route'])
      const sum = sums.get(route) ?? newSum()
      sums.set(route, sum)
      sum.callbacks += Number(row['callbacks'])
      sum.failed += Number(row['failed'])
      sum.lastReceivedAt = Math.max(sum.lastReceivedAt, Number(row['last_received_at']))
      sum.lastSuccessAt = Math.max(sum.lastSuccessAt, Number(row['last_success_at']))
      mergeLatency(sum.latency, row['latency'] as Uint8Array)
    }
    return [...sums].map(([route, sum]) => summaryOf(route, sum))
  }
}

/** What came to every route since a moment, in stretches of a length: hours where that is enough, else minutes. */
export function createHistoryQuery(db: DatabaseSync): (sinceMs: number, stepMs: number) => RouteStretch[] {
  const select = db.prepare(`
    SELECT route, start - start % :step AS at, sum(callbacks) AS callbacks, sum(failed) AS failed
    FROM rollups WHERE span = :span AND start >= :since GROUP BY route, at ORDER BY route, at`)
  return (sinceMs, stepMs) => {
    const span = stepMs >= SPANS.hour ? SPANS.hour : SPANS.minute
    const since = sinceMs - (sinceMs % stepMs)
    return select.all({ step: stepMs, span, since }) as unknown as RouteStretch[]
  }
}
