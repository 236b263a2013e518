import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import * as units from '@grafana/grafana-foundation-sdk/units'

import { refusalReasons } from '../src/callback/attempt.ts'
import { blames } from '../src/callback/blame.ts'
import { outcomes } from '../src/callback/outcome.ts'
import { dashboard } from './frame.ts'
import { heatmap, lines, stat, timeline } from './panels.ts'
import { ofRoute, quantile, rate, successRatio, troubled } from './query.ts'

const attempts = (more = '') =>
  ofRoute('ringback_delivery_attempts_total', `target=~"$target"${more === '' ? '' : `, ${more}`}`)
const buckets = ofRoute('ringback_delivery_attempt_duration_seconds_bucket', 'target=~"$target"')

const state = [
  stat(
    {
      title: 'Taken by the handler',
      description: 'Share of callbacks that the primary or the fallback took while the provider waited.',
      unit: units.PercentUnit,
      noValue: 'no traffic',
      width: 6,
      queries: [{ expr: successRatio('by (route) '), legend: '{{route}}' }],
    },
    { warn: 0.999, crit: 0.99, isGood: 'high' },
  ),
  stat(
    {
      title: 'Since the last success',
      description: 'Time since the target last took a callback, since the start of the process.',
      unit: units.DurationSeconds,
      noValue: 'none yet',
      width: 6,
      queries: [
        {
          expr: `time() - (${ofRoute('ringback_last_success_timestamp_seconds', 'target=~"$target"')} > 0)`,
          legend: '{{route}} {{target}}',
        },
      ],
    },
    { warn: 900, crit: 3600, isGood: 'low' },
    { hasCourse: false },
  ),
  stat(
    {
      title: 'Since the last callback',
      description:
        'Time since a callback was last let in. Long silence on a busy route points at the provider.',
      unit: units.DurationSeconds,
      noValue: 'none yet',
      width: 6,
      queries: [
        {
          expr: `time() - (${ofRoute('ringback_last_received_timestamp_seconds')} > 0)`,
          legend: '{{route}}',
        },
      ],
    },
    { warn: 3600, crit: 86_400, isGood: 'low' },
    { hasCourse: false },
  ),
  stat(
    {
      title: 'Certificate expires in',
      description: 'Time until the certificate that the handler last showed expires.',
      unit: units.DurationSeconds,
      noValue: 'no TLS seen',
      width: 6,
      queries: [
        {
          expr: `(${ofRoute('ringback_target_tls_cert_not_after_timestamp_seconds', 'target=~"$target"')} > 0) - time()`,
          legend: '{{route}} {{target}}',
        },
      ],
    },
    { warn: 14 * 86_400, crit: 3 * 86_400, isGood: 'high' },
    { hasCourse: false },
  ),
]

const handler = [
  lines(
    {
      title: 'Outcomes',
      description: 'Attempts per second by how they ended.',
      unit: units.RequestsPerSecond,
      noValue: 'no attempts',
      width: 12,
      queries: [{ expr: `sum by (outcome) (${rate(attempts())}) > 0`, legend: '{{outcome}}' }],
    },
    { isStacked: true, colors: outcomes },
  ),
  lines(
    {
      title: 'Primary against fallback',
      description: 'Attempts per second that succeeded, by target. Orange is what the fallback had to save.',
      unit: units.RequestsPerSecond,
      noValue: 'no attempts',
      width: 12,
      queries: [{ expr: `sum by (target) (${rate(attempts('outcome="ok"'))}) > 0`, legend: '{{target}}' }],
    },
    { isStacked: true, colors: ['primary', 'fallback'] },
  ),
  lines(
    {
      title: 'Time of the handler',
      description: 'Quantiles of attempts, against the provider’s 3 seconds (dashed).',
      unit: units.Seconds,
      noValue: 'no attempts',
      width: 12,
      queries: [
        { expr: quantile(0.5, '', buckets), legend: 'p50' },
        { expr: quantile(0.95, '', buckets), legend: 'p95', hasExemplars: true },
        { expr: quantile(0.99, '', buckets), legend: 'p99' },
      ],
    },
    { limit: 3, colors: ['p50', 'p95', 'p99'] },
  ),
  heatmap({
    title: 'Time of the handler, all attempts',
    description:
      'Attempts by duration. The row that ends at 3 is the last one inside the provider’s deadline.',
    unit: units.Seconds,
    noValue: 'no attempts',
    width: 12,
    queries: [{ expr: `sum by (le) (increase(${buckets}[$__rate_interval]))`, legend: '{{le}}' }],
  }),
]

const trouble = [
  timeline(
    {
      title: 'Failures in a row',
      description: 'Consecutive failed callbacks of each target that failed in the chosen time.',
      unit: units.Short,
      noValue: 'no target failed',
      width: 12,
      queries: [
        {
          expr: troubled('route, target', ofRoute('ringback_consecutive_failures', 'target=~"$target"')),
          legend: '{{route}} {{target}}',
        },
      ],
    },
    { warn: 1, crit: 3, isGood: 'low' },
  ),
  timeline(
    {
      title: 'Breaker',
      description: 'Red while a target is skipped because it kept failing; one callback at a time tries it.',
      unit: units.Short,
      noValue: 'none was skipped',
      width: 12,
      queries: [
        {
          expr: troubled('route, target', ofRoute('ringback_breaker_open', 'target=~"$target"')),
          legend: '{{route}} {{target}}',
        },
      ],
    },
    { warn: 1, crit: 1, isGood: 'low' },
  ),
  lines(
    {
      title: 'Deadlines missed, by blame',
      description: 'Callbacks whose time ran out: `handler` did not reply, `proxy` is our own fault.',
      unit: units.RequestsPerSecond,
      noValue: 'none missed',
      width: 12,
      queries: [
        {
          expr: `sum by (blame) (${rate(ofRoute('ringback_deadline_misses_total'))}) > 0`,
          legend: '{{blame}}',
        },
      ],
    },
    { isStacked: true, colors: blames },
  ),
  lines(
    {
      title: 'Signature verdicts',
      description: 'Signatures that did not hold, per second, by what was wrong with them.',
      unit: units.RequestsPerSecond,
      noValue: 'all signatures held',
      width: 12,
      queries: [
        {
          expr: `sum by (reason) (${rate(ofRoute('ringback_signature_failures_total'))}) > 0`,
          legend: '{{reason}}',
        },
      ],
    },
    {
      isStacked: true,
      colors: refusalReasons.filter((reason) => /^(signature|timestamp|nonce)/.test(reason)),
    },
  ),
  lines(
    {
      title: 'Received by event',
      description: 'Requests on the route per second, by event.',
      unit: units.RequestsPerSecond,
      noValue: 'no traffic',
      width: 24,
      queries: [
        {
          expr: `sum by (event) (${rate(ofRoute('ringback_callbacks_received_total', 'event=~"$event"'))}) > 0`,
          legend: '{{event}}',
        },
      ],
    },
    { isStacked: true },
  ),
]

/** One route from every side. */
export function route(): Dashboard {
  return dashboard({
    uid: 'ringback-route',
    title: 'Route',
    description: 'Outcomes, times, streaks and signatures of the chosen routes.',
    variables: ['route', 'target', 'event'],
    rows: [
      { title: 'State', panels: state },
      { title: 'What the handler did', panels: handler },
      { title: 'Trouble', panels: trouble },
    ],
  })
}
