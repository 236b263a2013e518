import { expect, test } from 'vitest'

import { createMetrics } from '../../../src/metrics/create-metrics.ts'
import { attemptOf, routeNamed } from '../../support/metric-samples.ts'

const calls = routeNamed('calls')
const id = '01KAJ0000000000000000000C1'

function filled(exemplars: boolean) {
  const metrics = createMetrics({ version: '1', exemplars })
  metrics.setRoutes([calls])
  metrics.attempted(calls, attemptOf('primary', 'ok', 0.03), id)
  metrics.answered(calls, 200, 2.7, id)
  metrics.ledgerCommitted(1, 0.001)
  return metrics
}

test('without exemplars no callback is named, and the format is the text format', async () => {
  const metrics = filled(false)
  const text = await metrics.text()
  expect(text).not.toContain(id)
  expect(text).not.toContain('# EOF')
  expect(text).toContain('le="3"')
  expect(metrics.contentType).toContain('text/plain; version=0.0.4')
})

test('with exemplars the bucket of a callback names it, in OpenMetrics', async () => {
  const metrics = filled(true)
  const text = await metrics.text()
  const exemplar = String.raw`# \{callback_id="${id}"\} `
  const bucket = (name: string, labels: string): RegExp =>
    new RegExp(String.raw`^${name}_bucket\{route="calls",${labels}\} 1 ${exemplar}[\d.]+ \d{10}`, 'm')
  expect(text).toMatch(
    bucket('ringback_delivery_attempt_duration_seconds', 'target="primary",result="success",le="0.05"'),
  )
  expect(text).toMatch(bucket('ringback_response_duration_seconds', 'code="200",le="3.0"'))
  expect(text.match(new RegExp(id, 'g'))).toHaveLength(2)
  expect(metrics.contentType).toContain('application/openmetrics-text; version=1.0.0')
  expect(text.match(/# EOF/g)).toHaveLength(1)
  expect(text.endsWith('# EOF\n')).toBe(true)
})

test('in OpenMetrics families of counters are named without _total, and their series with it', async () => {
  const text = await filled(true).text()
  const lines = text.split('\n')
  const counters = lines.flatMap((line) => /^# TYPE (\S+) counter$/.exec(line)?.[1] ?? [])
  expect(counters).toContain('ringback_deliveries')
  expect(counters).toContain('ringback_ledger_writes')
  for (const family of counters) {
    expect(family).not.toMatch(/_total$/)
    const series = lines.filter((line) => new RegExp(`^${family}(_total)?[{ ]`).test(line))
    expect(series.filter((line) => !line.startsWith(`${family}_total`))).toEqual([])
  }
})
