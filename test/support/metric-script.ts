import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Outcome } from '../../src/callback/outcome.ts'
import type { Role } from '../../src/callback/route.ts'
import { createMetrics } from '../../src/metrics/create-metrics.ts'
import type { Metrics } from '../../src/metrics/metrics.ts'
import { attemptOf, routeNamed } from './metric-samples.ts'

const calls = routeNamed('calls')
const sms = routeNamed('sms', ['primary'])

/** Metrics of the daemon behind a real HTTP server, as Prometheus meets them. */
export async function serveMetrics(): Promise<{ metrics: Metrics; address: string } & AsyncDisposable> {
  const metrics = createMetrics({ version: '1.2.3' })
  metrics.setRoutes([calls, sms, routeNamed('idle')])
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

/** One request of each event and verdict, so that their series are there before the traffic that is measured. */
export function warmUp(metrics: Metrics): void {
  metrics.received(calls, 'Hangup', 'verified')
  metrics.received(calls, 'StartApp', 'verified')
  metrics.received(calls, 'none', 'signature_bad')
  metrics.received(sms, 'message.inbound', 'verified')
  metrics.answered(calls, 401, 0.001)
}

/**
 * Plays one minute of trouble: on `calls`, of 100 callbacks the primary takes 80, the fallback 10, 8 are rescued and 2
 * fail and are answered too late; `sms` takes all of its 100; five forgeries and twenty strays come along.
 */
export function play(metrics: Metrics): void {
  const attempt = (role: Role, outcome: Outcome, seconds: number, count: number) => {
    for (let n = 0; n < count; n += 1) metrics.attempted(calls, attemptOf(role, outcome, seconds))
  }
  attempt('primary', 'ok', 0.03, 80)
  attempt('primary', 'http_5xx', 0.2, 10)
  attempt('primary', 'timeout_response', 1.6, 8)
  attempt('primary', 'refused', 0.02, 2)
  attempt('fallback', 'ok', 0.07, 10)
  attempt('fallback', 'http_5xx', 0.2, 8)
  attempt('fallback', 'refused', 0.02, 2)
  times(100, () => metrics.attempted(sms, attemptOf('primary', 'ok', 0.08)))

  times(90, () => metrics.received(calls, 'Hangup', 'verified'))
  times(10, () => metrics.received(calls, 'StartApp', 'verified'))
  times(100, () => metrics.received(sms, 'message.inbound', 'verified'))
  times(5, () => metrics.received(calls, 'none', 'signature_bad'))
  times(5, () => metrics.signatureFailed(calls, 'signature_bad'))
  times(20, () => metrics.received(undefined, 'none', 'unknown_path'))

  times(90, () => metrics.settled(calls, 'delivered'))
  times(8, () => metrics.settled(calls, 'rescued'))
  times(2, () => metrics.settled(calls, 'failed'))
  times(4, () => metrics.settled(calls, 'delivered_late'))
  times(1, () => metrics.settled(calls, 'dead'))
  times(100, () => metrics.settled(sms, 'delivered'))

  times(80, () => metrics.answered(calls, 200, 0.03))
  times(10, () => metrics.answered(calls, 200, 0.27))
  times(8, () => metrics.answered(calls, 200, 1.8))
  times(2, () => metrics.answered(calls, 502, 3.2))
  times(100, () => metrics.answered(sms, 200, 0.08))
  times(8, () => metrics.deadlineMissed(calls, 'handler'))
  times(2, () => metrics.deadlineMissed(calls, 'proxy'))

  trouble(metrics)
}

/** State that goes with the traffic. */
function trouble(metrics: Metrics): void {
  const now = Date.now()
  metrics.streak('calls', 'primary', 4)
  metrics.streak('calls', 'fallback', 2)
  metrics.alertFiring('calls', 'consecutive_failures', true)
  metrics.notified('slack', 'firing', 'failed', 0.4)
  metrics.notified('slack', 'firing', 'sent', 0.2)
  metrics.notified('email', 'firing', 'sent', 0.2)
  times(30, () => metrics.ledgerCommitted(10, 0.004))
  metrics.ledgerFailed(5)
  times(3, () => metrics.inFlight(1))
  metrics.setGauges({
    rescueQueue: () => [{ route: 'calls', length: 4, oldestAt: now - 120_000, dead: 1 }],
    outboxOldestAt: () => now - 30_000,
    targets: () => [
      {
        route: 'calls',
        target: 'primary',
        isBreakerOpen: true,
        certificateExpiresAt: now + 30 * 86_400_000,
      },
    ],
  })
}

function times(count: number, action: () => void): void {
  for (let n = 0; n < count; n += 1) action()
}
