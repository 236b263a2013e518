import { addCounts, emptyLatency, type Latency } from '../../latency.ts'
import { BatchSums } from '../../stored/batch-sums.ts'
import { SPANS } from '../../stored/route-sums.ts'

interface Row {
  readonly span: number
  readonly start: number
  readonly route: string
  callbacks: number
  failed: number
  last_received_at: number
  last_success_at: number
  readonly latency: Latency
}

/** What one batch adds to the numbers of each route by minute and hour. */
export class Rollups extends BatchSums {
  rows(): readonly object[] {
    const rows = new Map<string, Row>()
    for (const sum of this.all()) {
      for (const span of [SPANS.minute, SPANS.hour]) {
        const row = rowOf(rows, span, sum)
        row.callbacks += sum.callbacks
        row.failed += sum.failed
        row.last_received_at = Math.max(row.last_received_at, sum.lastReceivedAt)
        row.last_success_at = Math.max(row.last_success_at, sum.lastSuccessAt)
        addCounts(row.latency, sum.latency)
      }
    }
    return [...rows.values()].map((row) => Object.assign({}, row, { latency: [...row.latency] }))
  }
}

function rowOf(
  rows: Map<string, Row>,
  span: number,
  { route, minute }: { readonly route: string; readonly minute: number },
): Row {
  const start = minute - (minute % span)
  const key = `${span} ${start} ${route}`
  let row = rows.get(key)
  if (row === undefined) {
    const zero = { callbacks: 0, failed: 0, last_received_at: 0, last_success_at: 0 }
    row = { span, start, route, ...zero, latency: emptyLatency() }
    rows.set(key, row)
  }
  return row
}
