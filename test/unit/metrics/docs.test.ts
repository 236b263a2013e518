import { readFileSync } from 'node:fs'
import { platform } from 'node:process'

import { expect, test } from 'vitest'

import { createMetrics } from '../../../src/metrics/create-metrics.ts'
import { metricsMarkdown } from '../../../src/metrics/docs.ts'
import { ownMetrics } from '../../../src/metrics/table.ts'
import { differencesFromDocs } from '../../support/exposition.ts'
import { routeNamed } from '../../support/metric-samples.ts'

test('docs/metrics.md is what `npm run docs` writes', () => {
  expect(readFileSync('docs/metrics.md', 'utf8')).toBe(metricsMarkdown())
})

test.runIf(platform === 'linux')(
  'every metric that is exposed is documented with its type and labels, and every documented one is exposed',
  async () => {
    const metrics = createMetrics({ version: '1' })
    metrics.setRoutes([routeNamed('calls')])
    metrics.ledgerCommitted(1, 0.001)
    metrics.reconciled({ account: 'MA_TEST123', succeeded_at: 1, problem: '', calls: { ok: 1 } })
    expect(differencesFromDocs(await metrics.text())).toEqual([])
  },
)

test('the comparison notices what is missing, new or of another type', () => {
  const text =
    '# TYPE ringback_dead_letters counter\nringback_dead_letters{call="x"} 1\n# TYPE new_one gauge\n'
  expect(differencesFromDocs(text)).toEqual(
    expect.arrayContaining([
      'ringback_dead_letters is exposed as counter, and documented as gauge',
      'new_one is exposed as gauge, and documented as undefined',
      'ringback_dead_letters has the labels call, not route',
      'ringback_build_info is documented, not exposed',
    ]),
  )
})

test('names follow the conventions of Prometheus', () => {
  for (const row of ownMetrics) {
    expect(row.name).toMatch(/^ringback_[a-z_]+$/)
    expect([row.name, row.name.endsWith('_total')]).toEqual([row.name, row.type === 'counter'])
    expect(row.help).toMatch(/^[A-Z0-9].*\.$/)
  }
})
