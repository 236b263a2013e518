import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import * as units from '@grafana/grafana-foundation-sdk/units'

import { refusalReasons } from '../src/callback/attempt.ts'
import { dashboard } from './frame.ts'
import { heatmap, lines, stat } from './panels.ts'
import { ofProcess, rate } from './query.ts'

const commits = ofProcess('ringback_ledger_commit_duration_seconds_bucket')

const state = [
  stat(
    {
      title: 'Running for',
      description: 'Time since each instance started.',
      unit: units.DurationSeconds,
      noValue: 'down',
      width: 5,
      queries: [{ expr: `time() - ${ofProcess('process_start_time_seconds')}`, legend: '{{instance}}' }],
    },
    { warn: 1e9, crit: 1e10, isGood: 'low' },
    { hasCourse: false },
  ),
  stat(
    {
      title: 'Versions',
      description: 'Instances by the version they run; more than one only while an upgrade is under way.',
      unit: units.Short,
      noValue: 'down',
      width: 5,
      queries: [
        {
          expr: `count by (version, nodejs) (${ofProcess('ringback_build_info')})`,
          legend: '{{version}} on Node {{nodejs}}',
        },
      ],
    },
    { warn: 1e6, crit: 1e7, isGood: 'low' },
    { isNamed: true, hasCourse: false },
  ),
  stat(
    {
      title: 'Configuration',
      description:
        'Whether the configuration in use is the one that was on disk at the last reload, or that was refused.',
      unit: units.Short,
      noValue: 'down',
      width: 5,
      queries: [{ expr: `min(${ofProcess('ringback_config_last_reload_successful')})`, legend: 'reload' }],
    },
    { warn: 1, crit: 0.5, isGood: 'high' },
    { hasCourse: false, words: { 1: 'as on disk', 0: 'change refused' } },
  ),
  stat(
    {
      title: 'In flight',
      description: 'Callbacks that are under way.',
      unit: units.Short,
      noValue: 'down',
      width: 4,
      queries: [{ expr: `sum(${ofProcess('ringback_deliveries_in_flight')})`, legend: 'in flight' }],
    },
    { warn: 1000, crit: 2000, isGood: 'low' },
  ),
  stat(
    {
      title: 'Workers',
      description:
        'Those that should serve the public port and do not now, and those that ended by themselves in the chosen time.',
      unit: units.Short,
      noValue: 'down',
      width: 5,
      queries: [
        {
          expr: `sum(${ofProcess('ringback_workers_wanted')}) - sum(${ofProcess('ringback_workers')})`,
          legend: 'missing',
        },
        {
          expr: `sum(increase(${ofProcess('ringback_workers_lost_total')}[$__range]))`,
          legend: 'lost',
        },
      ],
    },
    { warn: 1, crit: 3, isGood: 'low' },
    { decimals: 0 },
  ),
]

const work = [
  lines(
    {
      title: 'Verdicts at the door',
      description: 'Requests on the public port per second, by verdict.',
      unit: units.RequestsPerSecond,
      noValue: 'no traffic',
      width: 12,
      queries: [
        {
          expr: `sum by (verdict) (${rate(ofProcess('ringback_callbacks_received_total'))}) > 0`,
          legend: '{{verdict}}',
        },
      ],
    },
    {
      isStacked: true,
      colors: ['verified', 'warned', 'unchecked', 'repeated', ...refusalReasons],
    },
  ),
  lines(
    {
      title: 'Ledger rows',
      description: 'Rows committed and rows lost, per second. Anything in `failed` breaks a promise.',
      unit: units.RowsPerSecond,
      noValue: 'nothing written',
      width: 12,
      queries: [
        {
          expr: `sum by (result) (${rate(ofProcess('ringback_ledger_writes_total'))})`,
          legend: '{{result}}',
        },
      ],
    },
    { colors: ['ok', 'failed', 'late'] },
  ),
  lines(
    {
      title: 'Time of a commit',
      description:
        'Group commits with the sync to disk. Above 50 ms (dashed) callbacks no longer wait for the ledger.',
      unit: units.Seconds,
      noValue: 'nothing written',
      width: 12,
      queries: [
        { expr: `histogram_quantile(0.5, sum by (le) (${rate(commits)})) >= 0`, legend: 'p50' },
        { expr: `histogram_quantile(0.99, sum by (le) (${rate(commits)})) >= 0`, legend: 'p99' },
      ],
    },
    { limit: 0.05, colors: ['p50', 'p99'] },
  ),
  heatmap({
    title: 'Time of a commit, all commits',
    description: 'Group commits by duration.',
    unit: units.Seconds,
    noValue: 'nothing written',
    width: 12,
    queries: [{ expr: `sum by (le) (increase(${commits}[$__rate_interval]))`, legend: '{{le}}' }],
  }),
]

const node = [
  lines(
    {
      title: 'Event loop',
      description: 'Delay of the event loop. A delay is added to every answer.',
      unit: units.Seconds,
      noValue: 'down',
      width: 8,
      queries: [
        { expr: `max(${ofProcess('nodejs_eventloop_lag_p50_seconds')})`, legend: 'p50' },
        { expr: `max(${ofProcess('nodejs_eventloop_lag_p99_seconds')})`, legend: 'p99' },
      ],
    },
    { colors: ['p50', 'p99'] },
  ),
  lines(
    {
      title: 'Memory',
      description: 'Memory in RAM and JavaScript heap of each instance.',
      unit: units.BytesIEC,
      noValue: 'down',
      width: 8,
      queries: [
        { expr: ofProcess('process_resident_memory_bytes'), legend: '{{instance}} RAM' },
        { expr: ofProcess('nodejs_heap_size_used_bytes'), legend: '{{instance}} heap' },
      ],
    },
    {},
  ),
  lines(
    {
      title: 'Garbage collection',
      description: 'Share of time spent in it, by kind.',
      unit: units.PercentUnit,
      noValue: 'none yet',
      width: 8,
      queries: [
        {
          expr: `sum by (kind) (${rate(ofProcess('nodejs_gc_duration_seconds_sum'))})`,
          legend: '{{kind}}',
        },
      ],
    },
    {},
  ),
  lines(
    {
      title: 'Processor',
      description: 'Cores in use by each instance; one is all that the forwarding thread can take.',
      unit: units.Short,
      noValue: 'down',
      width: 8,
      queries: [{ expr: rate(ofProcess('process_cpu_seconds_total')), legend: '{{instance}}' }],
    },
    {},
  ),
  lines(
    {
      title: 'Open files',
      description: 'Files and sockets as a share of what the process may open.',
      unit: units.PercentUnit,
      noValue: 'down',
      width: 8,
      queries: [
        {
          expr: `${ofProcess('process_open_fds')} / ${ofProcess('process_max_fds')}`,
          legend: '{{instance}}',
        },
      ],
    },
    { limit: 0.8 },
  ),
  lines(
    {
      title: 'Scrape',
      description: 'Time that Prometheus took to read the metrics of each instance.',
      unit: units.Seconds,
      noValue: 'down',
      width: 8,
      queries: [{ expr: ofProcess('scrape_duration_seconds'), legend: '{{instance}}' }],
    },
    {},
  ),
]

/** The process itself: door, ledger, runtime. */
export function daemon(): Dashboard {
  return dashboard({
    uid: 'ringback-daemon',
    title: 'Daemon',
    description: 'Verdicts at the door, ledger commits, workers, event loop, memory and garbage collection.',
    variables: [],
    rows: [
      { title: 'State', panels: state },
      { title: 'Work', panels: work },
      { title: 'Node', panels: node },
    ],
  })
}
