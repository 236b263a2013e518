import { readdirSync, readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { nodeMetrics } from '../../../src/metrics/node-metrics.ts'
import { ownMetrics } from '../../../src/metrics/table.ts'

/** Everything that a person would have to mend by hand when a metric were renamed. */
const files = [
  ...['grafana/dashboards', 'prometheus', 'prometheus/tests', 'docs', 'docs/runbook'].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(json|yml|md)$/.test(name))
      .map((name) => `${folder}/${name}`),
  ),
  'README.md',
]

const series = new Set(
  [...ownMetrics, ...nodeMetrics.map(([name, type]) => ({ name, type }))].flatMap(({ name, type }) =>
    type === 'histogram' ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
)
const recorded = new Set(
  [...readFileSync('prometheus/recording.yml', 'utf8').matchAll(/record: (\S+)/g)].map(([, name]) => name),
)

function isKnown(name: string): boolean {
  return series.has(name) || recorded.has(name)
}

test.each(files)('%s names only metrics and recordings that there are', (file) => {
  const text = readFileSync(file, 'utf8')
  // A name that is followed by `.+` or `*` stands for many; `/` and `.` belong to paths and to keys of the configuration.
  const names = [
    ...text.matchAll(
      /(?<![\w/:.-])((?:job_route:)?(?:ringback|nodejs|process)[_:][a-z0-9_:]+)(?![\w./*-]|\.\+)/g,
    ),
  ]
  expect(names.map(([, name = '']) => name).filter((name) => !isKnown(name))).toEqual([])
})
