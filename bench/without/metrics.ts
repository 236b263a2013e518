import * as original from '../../src/metrics/create-metrics.ts'
import type { Metrics } from '../../src/metrics/metrics.ts'
import { silenced } from './silenced.ts'

/** Metrics of which nothing is counted. */
export function createMetrics(...args: Parameters<typeof original.createMetrics>): Metrics {
  return silenced(original.createMetrics(...args), {
    received: () => undefined,
    attempted: () => undefined,
    settled: () => undefined,
    answered: () => undefined,
    inFlight: () => undefined,
    ledgerCommitted: () => undefined,
  })
}
