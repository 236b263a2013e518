const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d']

/** Share of callbacks that handlers shall take while the provider waits. The only place where it stands. */
const OBJECTIVE = 0.999

/** Callbacks whose live passage has ended: neither refused nor filtered, and each counted once. */
const ENDED = 'ringback_deliveries_total{result=~"delivered|rescued|failed"}'
const FAILED = 'ringback_deliveries_total{result=~"rescued|failed"}'

interface Rule {
  readonly record: string
  readonly expr: string
}

/** prometheus/recording.yml: `level:metric:operations`, the same for every window. */
export function recordingRulesYaml(): string {
  const groups = WINDOWS.map((window) => group(`ringback-${window}`, rulesOf(window)))
  return [
    '# Written by `npm run docs`; change scripts/recording-rules.ts instead.',
    'groups:',
    group('ringback-objective', [
      { record: 'ringback:delivery_objective:ratio', expr: `vector(${OBJECTIVE})` },
    ]),
    ...groups,
    '',
  ].join('\n')
}

function rulesOf(window: string): readonly Rule[] {
  const sum = (selector: string, by = 'job, route') => `sum by (${by}) (rate(${selector}[${window}]))`
  const buckets = sum('ringback_response_duration_seconds_bucket', 'job, route, le')
  return [
    { record: `job_route:ringback_deliveries:rate${window}`, expr: sum(ENDED) },
    {
      record: `job_route:ringback_delivery_failures_per_delivery:ratio_rate${window}`,
      expr: `${sum(FAILED)} / (${sum(ENDED)} > 0)`,
    },
    {
      // Prometheus 3 writes the bound of this bucket as 3.0.
      record: `job_route:ringback_responses_in_time_per_response:ratio_rate${window}`,
      expr: `${sum('ringback_response_duration_seconds_bucket{le=~"3(\\\\.0)?"}')} / (${sum('ringback_response_duration_seconds_count')} > 0)`,
    },
    {
      record: `job_route:ringback_response_duration_seconds:p95_rate${window}`,
      expr: `histogram_quantile(0.95, ${buckets})`,
    },
    {
      record: `job_route:ringback_response_duration_seconds:p99_rate${window}`,
      expr: `histogram_quantile(0.99, ${buckets})`,
    },
  ]
}

function group(name: string, rules: readonly Rule[]): string {
  const lines = rules.map(({ record, expr }) => `      - record: ${record}\n        expr: ${expr}`)
  return [`  - name: ${name}`, '    rules:', ...lines].join('\n')
}
