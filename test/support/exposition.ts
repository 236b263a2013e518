import { nodeMetrics } from '../../src/metrics/node-metrics.ts'
import { ownMetrics } from '../../src/metrics/table.ts'

/** Name of each metric of an exposition with its type. */
function typesIn(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]))
}

/** Where an exposition and docs/metrics.md differ, in words: each metric with its type, ours with their labels too. */
export function differencesFromDocs(text: string): readonly string[] {
  const exposed = typesIn(text)
  const documented = new Map<string, string>([
    ...ownMetrics.map(({ name, type }) => [name, type] as const),
    ...nodeMetrics.map(([name, type]) => [name, type] as const),
  ])
  const lines = text.split('\n')
  return [
    ...[...exposed].flatMap(([name, type]) =>
      documented.get(name) === type
        ? []
        : [`${name} is exposed as ${type}, and documented as ${documented.get(name)}`],
    ),
    ...[...documented.keys()].flatMap((name) =>
      exposed.has(name) ? [] : [`${name} is documented, not exposed`],
    ),
    ...ownMetrics.flatMap((row) => {
      const series = row.type === 'histogram' ? `${row.name}_count` : row.name
      const line = lines.find((each) => each.startsWith(`${series}{`) || each.startsWith(`${series} `))
      if (line === undefined) return row.onlyWith === undefined ? [`${series} has no series`] : []
      const labels = [...line.matchAll(/[{,](\w+)="/g)].map(([, label]) => label).join()
      return labels === row.labels.join()
        ? []
        : [`${series} has the labels ${labels}, not ${row.labels.join()}`]
    }),
  ]
}
