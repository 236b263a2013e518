import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { createMetrics } from '../../src/metrics/create-metrics.ts'
import type { Metrics } from '../../src/metrics/metrics.ts'
import { routeNamed } from './metric-samples.ts'

const calls = routeNamed('calls')

/** Metrics of the daemon behind a real HTTP server, as Prometheus meets them. */
export async function serveMetrics(): Promise<{ metrics: Metrics; address: string } & AsyncDisposable> {
  const metrics = createMetrics({ version: '1.2.3' })
  metrics.setRoutes([calls, routeNamed('idle')])
  const server = createServer((_request, response) => {
    void metrics
      .text()
      .then((text) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(text))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    metrics,
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/**
 * What a healthy machine does not let a daemon do within seconds: callbacks that wait for rescue or were given up, rows
 * that the ledger lost, workers too, answers that came too late, a message that nobody takes, calls that the provider knows of and that never came.
 */
export function playRareTrouble(metrics: Metrics): void {
  const now = Date.now()
  times(8, () => metrics.settled(calls, 'rescued'))
  times(4, () => metrics.settled(calls, 'delivered_late'))
  times(1, () => metrics.settled(calls, 'dead'))
  times(8, () => metrics.deadlineMissed(calls, 'handler'))
  times(2, () => metrics.deadlineMissed(calls, 'proxy'))
  times(30, () => metrics.ledgerCommitted(10, 0.004))
  metrics.ledgerFailed(5)
  times(2, () => metrics.workerLost())
  metrics.reconciled(misfits(now))
  metrics.setGauges({
    workers: () => ({ wanted: 3, serving: 2 }),
    rescueQueue: () => [{ route: 'calls', length: 4, oldestAt: now - 120_000, dead: 1 }],
    outboxOldestAt: () => now - 30_000,
  })
}

function misfits(now: number): Parameters<Metrics['reconciled']>[0] {
  const calls = { ok: 500, no_callback: 2, no_end: 0, step_missing: 0, answer_blamed: 1 }
  return { account: 'MA_TEST123', succeeded_at: now - 60_000, problem: '', calls }
}

function times(count: number, action: () => void): void {
  for (let n = 0; n < count; n += 1) action()
}
