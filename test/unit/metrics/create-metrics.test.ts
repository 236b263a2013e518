import { expect, test } from 'vitest'

import { createMetrics } from '../../../src/metrics/create-metrics.ts'
import {
  acceptedVerdicts,
  blameLabels,
  events,
  faultLabels,
  outcomeLabels,
  refusals,
  results,
} from '../../../src/metrics/labels.ts'
import type { Metrics } from '../../../src/metrics/metrics.ts'
import { attemptOf, routeNamed } from '../../support/metric-samples.ts'

const calls = routeNamed('calls')

function metricsOf(...ids: string[]): Metrics {
  const metrics = createMetrics({ version: '1.2.3' })
  metrics.setRoutes(ids.map((id) => routeNamed(id)))
  return metrics
}

/** The value of one series; undefined when it is not exposed. */
async function valueOf(metrics: Metrics, series: string): Promise<number | undefined> {
  const line = (await metrics.text()).split('\n').find((text) => text.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

async function seriesOf(metrics: Metrics): Promise<Set<string>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('ringback_'))
  return new Set(lines.map((line) => line.slice(0, line.lastIndexOf(' '))))
}

async function linesOf(metrics: Metrics, route: string): Promise<readonly string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.includes(`route="${route}"`))
}

/** Once whatever can be counted of a route, as long as it makes a series. */
function playEverything(metrics: Metrics, route = calls): void {
  for (const event of events.values) {
    for (const verdict of acceptedVerdicts) metrics.received(route, event, verdict)
  }
  for (const verdict of refusals.values) metrics.received(route, 'none', verdict)
  for (const reason of refusals.values) metrics.signatureFailed(route, reason)
  for (const role of ['primary', 'fallback'] as const) {
    for (const outcome of outcomeLabels.values)
      metrics.attempted(route, attemptOf(role, outcome, 0.7), '01KAJ0000000000000000000C1')
    metrics.streak(route.id, role, 3)
  }
  for (const answerFault of faultLabels.values)
    metrics.attempted(route, { ...attemptOf('primary', 'bad_xml', 0.7), answerFault })
  for (const result of results.values) metrics.settled(route, result)
  for (const blame of blameLabels.values) metrics.deadlineMissed(route, blame)
  for (const status of [200, 302, 404, 503, 700])
    metrics.answered(route, status, 0.7, '01KAJ0000000000000000000C1')
  metrics.alertFiring(route.id, 'failure_rate', true)
}

test('every outcome of a configured target stands at zero before the first callback', async () => {
  const metrics = metricsOf('calls')
  expect(
    await valueOf(metrics, 'ringback_delivery_attempts_total{route="calls",target="fallback",outcome="dns"}'),
  ).toBe(0)
  expect(await valueOf(metrics, 'ringback_deliveries_total{route="calls",result="dead"}')).toBe(0)
  expect(await valueOf(metrics, 'ringback_alerts_firing{route="calls",rule="consecutive_failures"}')).toBe(0)
  expect(await valueOf(metrics, 'ringback_response_duration_seconds_count{route="calls",code="5xx"}')).toBe(0)
})

test('a route without a fallback exposes no series for one', async () => {
  const metrics = createMetrics({ version: '1' })
  metrics.setRoutes([routeNamed('calls', ['primary'])])
  expect(await metrics.text()).not.toContain('target="fallback"')
})

test('an attempt is counted by outcome, and its time by result', async () => {
  const metrics = metricsOf('calls')
  metrics.attempted(calls, attemptOf('primary', 'ok', 0.03))
  metrics.attempted(calls, attemptOf('primary', 'http_5xx', 1.2))
  const attempts = 'ringback_delivery_attempts_total{route="calls",target="primary"'
  const duration = 'ringback_delivery_attempt_duration_seconds_bucket{route="calls",target="primary"'
  expect(await valueOf(metrics, `${attempts},outcome="ok"}`)).toBe(1)
  expect(await valueOf(metrics, `${attempts},outcome="http_5xx"}`)).toBe(1)
  expect(await valueOf(metrics, `${duration},result="success",le="0.025"}`)).toBe(0)
  expect(await valueOf(metrics, `${duration},result="success",le="0.05"}`)).toBe(1)
  expect(await valueOf(metrics, `${duration},result="success",le="+Inf"}`)).toBe(1)
  expect(await valueOf(metrics, `${duration},result="failure",le="1"}`)).toBe(0)
  expect(await valueOf(metrics, `${duration},result="failure",le="1.5"}`)).toBe(1)
})

test('a value on a bound belongs to the bucket of that bound, so le="3" means inside the deadline', async () => {
  const metrics = metricsOf('calls')
  metrics.answered(calls, 200, 3)
  metrics.answered(calls, 200, 3.001)
  const bucket = 'ringback_response_duration_seconds_bucket{route="calls",code="200"'
  expect(await valueOf(metrics, `${bucket},le="3"}`)).toBe(1)
  expect(await valueOf(metrics, `${bucket},le="5"}`)).toBe(2)
})

test('an attempt that sent nothing is counted but has no duration', async () => {
  const metrics = metricsOf('calls')
  metrics.attempted(calls, attemptOf('primary', 'circuit_open', 0))
  const count =
    'ringback_delivery_attempt_duration_seconds_count{route="calls",target="primary",result="failure"}'
  expect(await valueOf(metrics, count)).toBe(0)
})

test('only what was let in makes a route look alive', async () => {
  const metrics = metricsOf('calls')
  metrics.received(calls, 'none', 'signature_bad')
  expect(await valueOf(metrics, 'ringback_last_received_timestamp_seconds{route="calls"}')).toBe(0)
  metrics.received(calls, 'Hangup', 'verified')
  const at = await valueOf(metrics, 'ringback_last_received_timestamp_seconds{route="calls"}')
  expect(at).toBeGreaterThan(1_700_000_000)
})

test('a reload keeps the numbers of routes that stay and drops those of routes that go', async () => {
  const metrics = metricsOf('calls', 'old')
  metrics.settled(calls, 'delivered')
  metrics.setRoutes([calls, routeNamed('new')])
  expect(await valueOf(metrics, 'ringback_deliveries_total{route="calls",result="delivered"}')).toBe(1)
  expect(await valueOf(metrics, 'ringback_deliveries_total{route="new",result="delivered"}')).toBe(0)
  expect(await metrics.text()).not.toContain('route="old"')
})

test('after a reload every series of a route that stays reads as before, and is counted on', async () => {
  for (const exemplars of [false, true]) {
    const metrics = createMetrics({ version: '1', exemplars })
    const sms = routeNamed('sms', ['primary'])
    metrics.setRoutes([routeNamed('old'), calls, sms])
    for (const route of [sms, calls, routeNamed('old')]) playEverything(metrics, route)
    const before = await linesOf(metrics, 'calls')
    metrics.setRoutes([routeNamed('new'), sms, calls, routeNamed('newer')])
    expect(await linesOf(metrics, 'calls')).toEqual(before)
    expect(await valueOf(metrics, 'ringback_deliveries_total{route="newer",result="dead"}')).toBe(0)
    playEverything(metrics)
    const { length } = await linesOf(metrics, 'calls')
    expect(length).toBe(before.length)
    for (const series of [
      'ringback_callbacks_received_total{route="calls",event="Record",verdict="unchecked"}',
      'ringback_callbacks_received_total{route="calls",event="none",verdict="nonce_reused"}',
      'ringback_delivery_attempts_total{route="calls",target="fallback",outcome="dns"}',
      'ringback_delivery_attempt_duration_seconds_count{route="calls",target="fallback",result="success"}',
      'ringback_response_duration_seconds_count{route="calls",code="4xx"}',
      'ringback_deadline_misses_total{route="calls",blame="handler"}',
      'ringback_answer_faults_total{route="calls",fault="status"}',
    ]) {
      expect([series, await valueOf(metrics, series)]).toEqual([series, 2])
    }
  }
})

test('a reload that begins to judge the answers of a route brings the series of their faults', async () => {
  const metrics = createMetrics({ version: '1' })
  const series = 'ringback_answer_faults_total{route="calls",fault="status"}'
  metrics.setRoutes([{ ...calls, responseContract: 'off' }])
  expect(await valueOf(metrics, series)).toBeUndefined()
  metrics.setRoutes([calls])
  expect(await valueOf(metrics, series)).toBe(0)
})

test('a scrape that a reload overtakes shows the numbers of before to its end', async () => {
  const metrics = metricsOf('calls', ...Array.from({ length: 100 }, (_, n) => `other-${n}`))
  playEverything(metrics)
  const before = await linesOf(metrics, 'calls')
  let text = ''
  for await (const chunk of metrics.chunks()) {
    text += chunk
    if (text.includes('route="other-0"')) metrics.setRoutes([routeNamed('new'), calls])
  }
  expect(text.split('\n').filter((line) => line.includes('route="calls"'))).toEqual(before)
})

test('what ends on a route that a reload removed is counted as _other, what matched none as _unmatched', async () => {
  const metrics = metricsOf('calls')
  metrics.settled(routeNamed('gone'), 'delivered')
  metrics.received(undefined, 'none', 'unknown_path')
  expect(await valueOf(metrics, 'ringback_deliveries_total{route="_other",result="delivered"}')).toBe(1)
  const unmatched =
    'ringback_callbacks_received_total{route="_unmatched",event="none",verdict="unknown_path"}'
  expect(await valueOf(metrics, unmatched)).toBe(1)
})

test('routes that share an id share their numbers', async () => {
  const metrics = createMetrics({ version: '1' })
  const withFallback = routeNamed('per-call')
  metrics.setRoutes([routeNamed('per-call', ['primary']), withFallback])
  metrics.attempted(withFallback, attemptOf('fallback', 'ok', 0.1))
  const series = 'ringback_delivery_attempts_total{route="per-call",target="fallback",outcome="ok"}'
  expect(await valueOf(metrics, series)).toBe(1)
})

test('the rescue queue is read at each scrape, and its oldest callback over all routes', async () => {
  const metrics = metricsOf('calls', 'sms')
  let queue = [
    { route: 'calls', length: 2, oldestAt: 9_000, dead: 1 },
    { route: 'sms', length: 1, oldestAt: 5_000, dead: 0 },
  ]
  metrics.setGauges({ rescueQueue: () => queue, outboxOldestAt: () => 7_000 })
  expect(await valueOf(metrics, 'ringback_rescue_queue_length{route="calls"}')).toBe(2)
  expect(await valueOf(metrics, 'ringback_dead_letters{route="calls"}')).toBe(1)
  expect(await valueOf(metrics, 'ringback_rescue_queue_oldest_timestamp_seconds')).toBe(5)
  expect(await valueOf(metrics, 'ringback_alert_outbox_oldest_timestamp_seconds')).toBe(7)
  queue = []
  expect(await valueOf(metrics, 'ringback_rescue_queue_length{route="calls"}')).toBe(0)
  expect(await valueOf(metrics, 'ringback_rescue_queue_oldest_timestamp_seconds')).toBe(0)
})

test('a scrape succeeds when the ledger behind it does not', async () => {
  const metrics = metricsOf('calls')
  metrics.setGauges({
    rescueQueue: () => {
      throw new Error('disk I/O error')
    },
    outboxOldestAt: () => undefined,
  })
  expect(await valueOf(metrics, 'ringback_rescue_queue_length{route="calls"}')).toBe(0)
})

test('state is set, not added up', async () => {
  const metrics = metricsOf('calls')
  metrics.streak('calls', 'primary', 4)
  metrics.alertFiring('calls', 'consecutive_failures', true)
  metrics.alertFiring('calls', 'consecutive_failures', true)
  metrics.setGauges({
    targets: () => [
      {
        route: 'calls',
        target: 'primary',
        origin: 'https://api.example.com',
        isBreakerOpen: true,
        certificateExpiresAt: 90_000,
      },
      {
        route: 'calls',
        target: 'fallback',
        origin: 'https://api.example.com',
        isBreakerOpen: false,
        certificateExpiresAt: undefined,
      },
    ],
  })
  metrics.inFlight(1)
  metrics.inFlight(1)
  metrics.inFlight(-1)
  metrics.reloaded(false)
  expect(await valueOf(metrics, 'ringback_consecutive_failures{route="calls",target="primary"}')).toBe(4)
  expect(await valueOf(metrics, 'ringback_alerts_firing{route="calls",rule="consecutive_failures"}')).toBe(1)
  expect(await valueOf(metrics, 'ringback_breaker_open{route="calls",target="primary"}')).toBe(1)
  const expiry = 'ringback_target_tls_cert_not_after_timestamp_seconds{route="calls",target="primary"}'
  expect(await valueOf(metrics, expiry)).toBe(90)
  expect(await valueOf(metrics, 'ringback_deliveries_in_flight')).toBe(1)
  expect(await valueOf(metrics, 'ringback_config_last_reload_successful')).toBe(0)
})

test('commits and notifications are counted', async () => {
  const metrics = metricsOf('calls')
  metrics.ledgerCommitted(3, 0.002)
  metrics.ledgerFailed(2)
  metrics.notified('slack', 'firing', 'failed', 0.4)
  expect(await valueOf(metrics, 'ringback_ledger_writes_total{result="ok"}')).toBe(3)
  expect(await valueOf(metrics, 'ringback_ledger_writes_total{result="failed"}')).toBe(2)
  expect(await valueOf(metrics, 'ringback_ledger_commit_duration_seconds_count')).toBe(1)
  const failed = 'ringback_notifications_total{channel="slack",kind="firing",result="failed"}'
  expect(await valueOf(metrics, failed)).toBe(1)
})

test('hostile traffic adds at most 60 series', async () => {
  const metrics = metricsOf('calls')
  const before = await seriesOf(metrics)
  for (let n = 0; n < 10_000; n += 1) {
    metrics.received(calls, `event-${n}`, 'verified')
    metrics.received(undefined, `"} evil_${n}\n`, 'unknown_path')
    metrics.answered(calls, n, 0.1)
    metrics.settled(routeNamed(`route-${n}`), 'failed')
  }
  const added = (await seriesOf(metrics)).difference(before)
  expect(added.size).toBeLessThanOrEqual(60)
})

test('a scrape of 2,000 routes lets callbacks through all the time', async () => {
  const metrics = metricsOf(...Array.from({ length: 2000 }, (_, n) => `route-${n}`))
  let turns = 0
  let isOver = false
  const turn = () => {
    turns += 1
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  let bytes = 0
  for await (const chunk of metrics.chunks()) bytes += chunk.length
  isOver = true
  expect(bytes).toBeGreaterThan(10_000_000)
  // One turn for every 3 ms of work; a machine that does it in less than 30 ms is not built yet.
  expect(turns).toBeGreaterThan(10)
})
