import { expect, test } from 'vitest'

import { Prometheus } from '../support/prometheus.ts'
import { plainPost } from '../support/signed-post.ts'
import { startRingback } from '../support/start-ringback.ts'
import { startTarget } from '../support/target-server.ts'
import { hasTool } from '../support/tools.ts'
import { waitFor } from '../support/wait-for.ts'

test.runIf(hasTool('prometheus'))(
  'with exemplars a point of a graph leads to the callback, and rules on the 3 s bucket still hold',
  async () => {
    await using handler = await startTarget()
    await using ringback = await startRingback(`
listen: 127.0.0.1:0
public_url: https://callbacks.example.com
admin: { listen: 127.0.0.1:0 }
metrics: { exemplars: true }
store: sqlite:ledger/ringback.db
allow_targets: [127.0.0.0/8]
routes:
  - { id: calls, path: /calls/, target: '${handler.url}', signature: 'off' }
`)
    await using prometheus = await Prometheus.start({
      jobs: { ringback: new URL(ringback.adminUrl).host },
      rules: ['prometheus/recording.yml'],
    })
    await prometheus.until('ringback_response_duration_seconds_count{route="calls", code="200"} == 0')
    await plainPost(`${ringback.publicUrl}/calls/hook`, '{"event":"call.completed","call_id":"c-1"}', {
      'content-type': 'application/json',
    })
    const id = handler.requests[0]?.header('x-ringback-delivery')
    for (const metric of [
      'ringback_response_duration_seconds',
      'ringback_delivery_attempt_duration_seconds',
    ]) {
      const found = await waitFor(`exemplars of ${metric}`, async () => {
        const labels = await prometheus.exemplars(`${metric}_bucket{route="calls"}`)
        return labels.length > 0 && labels
      })
      expect(found).toEqual([{ callback_id: id }])
    }
    // OpenMetrics writes the bound as 3.0, as Prometheus 3 does.
    await prometheus.until(
      'job_route:ringback_responses_in_time_per_response:ratio_rate5m{route="calls"} == 1',
    )
  },
)
