import { blames } from '../callback/blame.ts'
import {
  acceptedVerdicts,
  codes,
  OTHER_ROUTE,
  outcomeLabels,
  refusals,
  results,
  signatureReasons,
  UNMATCHED,
} from './labels.ts'
import { nodeMetrics } from './node-metrics.ts'
import { type MetricRow, ownMetrics } from './table.ts'

/** docs/metrics.md, from the tables that the metrics are registered from. */
export function metricsMarkdown(): string {
  return [
    '<!-- Written by `npm run docs`; change src/metrics/table.ts instead. -->',
    '# Metrics',
    `Ringback exposes them in the Prometheus text format at \`/metrics\` of the admin port.
\`prometheus.yml\` scrapes them, \`prometheus/\` holds recording and alert rules, \`grafana/\` the dashboards.

Labels hold names from the configuration or from the closed sets below, never ids, paths or texts from a request.
Series stand at zero from the start wherever all their labels are known in advance;
\`ringback_callbacks_received_total\` has a series for an event from its first callback on.
Numbers of a route survive a reload and end with the route. All of them start over with the process.`,
    '## Ringback',
    ...ownMetrics.map(section),
    '## Labels',
    labelDocs.map(([name, text]) => `- \`${name}\`: ${text}`).join('\n'),
    '## Node',
    ['Name | Type | Meaning', '--- | --- | ---', ...nodeRows].map((row) => `| ${row} |`).join('\n'),
  ]
    .join('\n\n')
    .concat('\n')
}

function section(row: MetricRow): string {
  const labels = row.labels.length === 0 ? '' : `, by ${row.labels.map((label) => `\`${label}\``).join(', ')}`
  const buckets = row.buckets === undefined ? '' : ` Buckets: ${row.buckets.join(', ')}.`
  const only = row.onlyWith === undefined ? '' : ` Only with \`${row.onlyWith}\` in the configuration.`
  return `### \`${row.name}\`\n\n${row.type}${labels}. ${row.help}${buckets}${only}\n\n\`\`\`promql\n${row.query}\n\`\`\``
}

const labelDocs: readonly (readonly [label: string, text: string])[] = [
  [
    'route',
    `id of a configured route; \`${UNMATCHED}\` for requests that no route claims, \`${OTHER_ROUTE}\` for what ends on a route that a reload has removed.`,
  ],
  ['target', '`primary` or `fallback`.'],
  [
    'event',
    'an event of the platform, `none` where a callback names none, `other` for a name that is not known.',
  ],
  ['account', 'id of a configured account.'],
  [
    'finding',
    '`ok`, `no_callback`, `no_end`, `step_missing` or `answer_blamed`; see docs/reconciliation.md.',
  ],
  ['verdict', list([...acceptedVerdicts, ...refusals.values])],
  ['outcome', list(outcomeLabels.values)],
  [
    'result',
    `of a delivery: ${list(results.values)} What a handler refused for good counts as \`rescued\` and as \`dead\` at once. Of an attempt: ${list(['success', 'failure'])}`,
  ],
  ['blame', list(blames)],
  ['reason', list(signatureReasons)],
  ['code', `${list(codes.values)} The provider takes only 200 for a success.`],
]

const nodeRows = nodeMetrics.map(([name, type, meaning]) => `\`${name}\` | ${type} | ${meaning}`)

function list(values: readonly string[]): string {
  return `${values.map((value) => `\`${value}\``).join(', ')}.`
}
