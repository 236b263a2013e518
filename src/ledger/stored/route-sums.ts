import { type Latency, emptyLatency, quantile } from '../latency.ts'
import type { RouteSummary } from '../rows.ts'

/** Lengths of the windows that numbers are added up over, milliseconds: the edge of a question in minutes, then hours, then days. */
export const SPANS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const

/** Results that count as failed in the numbers of a route. */
export const failedResults: ReadonlySet<string> = new Set(['failed', 'rescued', 'dead'])

/** Numbers of one route while they are added up. */
export interface RouteSum {
  callbacks: number
  failed: number
  lastReceivedAt: number
  lastSuccessAt: number
  readonly latency: Latency
}

export function newSum(): RouteSum {
  return { callbacks: 0, failed: 0, lastReceivedAt: 0, lastSuccessAt: 0, latency: emptyLatency() }
}

/** To be used again. */
export function clearSum(sum: RouteSum): void {
  sum.callbacks = 0
  sum.failed = 0
  sum.lastReceivedAt = 0
  sum.lastSuccessAt = 0
  sum.latency.fill(0)
}

export function summaryOf(route: string, sum: RouteSum): RouteSummary {
  return {
    route,
    callbacks: sum.callbacks,
    failed: sum.failed,
    p50_ms: quantile(sum.latency, 0.5),
    p95_ms: quantile(sum.latency, 0.95),
    p99_ms: quantile(sum.latency, 0.99),
    last_received_at: sum.lastReceivedAt === 0 ? null : sum.lastReceivedAt,
    last_success_at: sum.lastSuccessAt === 0 ? null : sum.lastSuccessAt,
  }
}
