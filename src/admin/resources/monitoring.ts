import { type Endpoint, endpoint, json } from '../endpoint.ts'
import type { AdminParts } from '../parts.ts'
import { healthView } from '../schemas.ts'

const tag = 'Monitoring'

/** What load balancers, containers and Prometheus ask. */
export function monitoringEndpoints(parts: AdminParts, hasPublicMetrics: () => boolean): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/healthz',
      role: 'public',
      tag,
      summary: 'Is the process alive?',
      answer: { status: 200, description: 'It is.', contentType: 'text/plain' },
      handle: () => ({ kind: 'text', status: 200, contentType: 'text/plain; charset=utf-8', text: 'ok\n' }),
    }),
    endpoint({
      method: 'GET',
      path: '/readyz',
      role: 'public',
      tag,
      summary: 'Can it keep its promises? 503 with the reasons when not',
      answer: { status: 200, description: 'It can.', schema: healthView },
      handle() {
        const { is_ready, reasons } = parts.health()
        return json({ is_ready, reasons }, is_ready ? 200 : 503)
      },
    }),
    endpoint({
      method: 'GET',
      path: '/metrics',
      get role() {
        return hasPublicMetrics() ? 'public' : 'read'
      },
      tag,
      summary: 'Metrics in the Prometheus text format',
      answer: { status: 200, description: 'All series.', contentType: 'text/plain' },
      handle: () => ({
        kind: 'stream',
        contentType: parts.metricsType,
        headers: {},
        chunks: parts.metricsText(),
      }),
    }),
  ]
}
