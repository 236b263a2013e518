import { readFileSync } from 'node:fs'
import { platform } from 'node:process'

import { expect, test } from 'vitest'

import { createMetrics } from '../../../src/metrics/create-metrics.ts'
import { metricsMarkdown } from '../../../src/metrics/docs.ts'
import { nodeMetrics } from '../../../src/metrics/node-metrics.ts'
import { ownMetrics } from '../../../src/metrics/table.ts'
import { routeNamed } from '../../support/metric-samples.ts'

/** Names and types of `# TYPE` lines. */
async function exposed(): Promise<Map<string, string>> {
  const metrics = createMetrics({ version: '1' })
  metrics.setRoutes([routeNamed('calls')])
  const found = (await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)
  return new Map([...found].map(([, name = '', type = '']) => [name, type]))
}

test('docs/metrics.md is what `npm run docs` writes', () => {
  expect(readFileSync('docs/metrics.md', 'utf8')).toBe(metricsMarkdown())
})

test('every metric that is exposed is documented with its type', async () => {
  const documented = new Map([
    ...ownMetrics.map((row) => [row.name, row.type] as const),
    ...nodeMetrics.map(([name, type]) => [name, type] as const),
  ])
  for (const [name, type] of await exposed()) expect([name, documented.get(name)]).toEqual([name, type])
})

test('every metric that is documented is exposed, with the labels it is documented with', async () => {
  const metrics = createMetrics({ version: '1' })
  metrics.setRoutes([routeNamed('calls')])
  metrics.ledgerCommitted(1, 0.001)
  const text = await metrics.text()
  for (const row of ownMetrics) {
    const name = row.type === 'histogram' ? `${row.name}_count` : row.name
    const line = text
      .split('\n')
      .find((candidate) => candidate.startsWith(`${name}{`) || candidate.startsWith(`${name} `))
    const labels = [...(line ?? 'missing').matchAll(/[{,](\w+)="/g)].map(([, label]) => label)
    expect([row.name, line !== undefined, labels]).toEqual([row.name, true, row.labels])
  }
})

test.runIf(platform === 'linux')("every documented metric of Node's is exposed", async () => {
  expect([...(await exposed()).keys()]).toEqual(expect.arrayContaining(nodeMetrics.map(([name]) => name)))
})

test('names follow the conventions of Prometheus', () => {
  for (const row of ownMetrics) {
    expect(row.name).toMatch(/^ringback_[a-z_]+$/)
    expect([row.name, row.name.endsWith('_total')]).toEqual([row.name, row.type === 'counter'])
    expect(row.help).toMatch(/^[A-Z0-9].*\.$/)
  }
})
