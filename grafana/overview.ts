import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import * as units from '@grafana/grafana-foundation-sdk/units'

import { outcomes } from '../src/callback/outcome.ts'
import { deliveryResults, refusalReasons } from '../src/callback/attempt.ts'
import { dashboard } from './frame.ts'
import { heatmap, lines, routeTable, stat, timeline } from './panels.ts'
import { ofProcess, ofRoute, quantile, rate, successRatio, troubled } from './query.ts'

const response = ofRoute('ringback_response_duration_seconds_bucket')
/** Prometheus 3 writes the bound of this bucket as 3.0. */
const inTime = ofRoute('ringback_response_duration_seconds_bucket', 'le=~"3(\\\\.0)?"')
const answers = ofRoute('ringback_response_duration_seconds_count')

const now = [
  stat(
    {
      title: 'Taken by handlers',
      description:
        'Share of callbacks that a handler took while the provider waited. What was rescued counts against it until it stops.',
      unit: units.PercentUnit,
      noValue: 'no traffic',
      width: 4,
      queries: [{ expr: successRatio(''), legend: 'taken' }],
    },
    { warn: 0.999, crit: 0.99, isGood: 'high' },
  ),
  stat(
    {
      title: 'Alerts firing',
      description: 'Built-in alerts that hold now, over the chosen routes.',
      unit: units.Short,
      noValue: 'none',
      width: 4,
      queries: [
        { expr: `sum(max by (route, rule) (${ofRoute('ringback_alerts_firing')}))`, legend: 'firing' },
      ],
    },
    { warn: 1, crit: 1, isGood: 'low' },
  ),
  stat(
    {
      title: 'Answered inside 3 s',
      description: 'Share of requests that the provider had an answer to within its 3 seconds.',
      unit: units.PercentUnit,
      noValue: 'no traffic',
      width: 4,
      queries: [{ expr: `sum(${rate(inTime)}) / (sum(${rate(answers)}) > 0)`, legend: 'in time' }],
    },
    { warn: 0.9999, crit: 0.999, isGood: 'high' },
  ),
  stat(
    {
      title: 'Waiting for rescue',
      description:
        'Callbacks that Ringback answered for the handler and still has to deliver. 0 on a healthy system.',
      unit: units.Short,
      noValue: 'none',
      width: 4,
      queries: [{ expr: `sum(${ofRoute('ringback_rescue_queue_length')})`, legend: 'waiting' }],
    },
    { warn: 1, crit: 1000, isGood: 'low' },
  ),
  stat(
    {
      title: 'Dead letters',
      description: 'Callbacks that were given up. Each waits for somebody to replay or drop it.',
      unit: units.Short,
      noValue: 'none',
      width: 4,
      queries: [{ expr: `sum(${ofRoute('ringback_dead_letters')})`, legend: 'dead' }],
    },
    { warn: 1, crit: 1, isGood: 'low' },
  ),
  stat(
    {
      title: 'Callbacks',
      description: 'Requests on the public port per second, refused ones included.',
      unit: units.RequestsPerSecond,
      noValue: 'no traffic',
      width: 4,
      queries: [{ expr: `sum(${rate(ofRoute('ringback_callbacks_received_total'))})`, legend: 'received' }],
    },
    { warn: 1e6, crit: 1e7, isGood: 'low' },
  ),
]

const which = [
  routeTable(
    {
      title: 'Routes',
      description:
        'One row a route, the longest streak of failures first. Click a name for the route’s own dashboard.',
      unit: units.Short,
      noValue: '–',
      width: 24,
      height: 9,
    },
    'Streak',
    [
      {
        name: 'Callbacks/s',
        unit: units.RequestsPerSecond,
        expr: `sum by (route) (${rate(ofRoute('ringback_deliveries_total', 'result=~"delivered|rescued|failed"'))})`,
      },
      {
        name: 'Taken',
        unit: units.PercentUnit,
        limits: { warn: 0.999, crit: 0.99, isGood: 'high' },
        expr: successRatio('by (route) '),
      },
      {
        name: 'Handler p95',
        unit: units.Seconds,
        limits: { warn: 1.5, crit: 2.5, isGood: 'low' },
        expr: `${quantile(0.95, 'route', ofRoute('ringback_delivery_attempt_duration_seconds_bucket'))} >= 0`,
      },
      {
        name: 'Streak',
        unit: units.Short,
        limits: { warn: 1, crit: 3, isGood: 'low' },
        expr: `max by (route) (${ofRoute('ringback_consecutive_failures')})`,
      },
      {
        name: 'Since last success',
        unit: units.DurationSeconds,
        expr: `time() - max by (route) (${ofRoute('ringback_last_success_timestamp_seconds')} > 0)`,
      },
      {
        name: 'Waiting',
        unit: units.Short,
        limits: { warn: 1, crit: 1000, isGood: 'low' },
        expr: `sum by (route) (${ofRoute('ringback_rescue_queue_length')})`,
      },
      {
        name: 'Alerts',
        unit: units.Short,
        limits: { warn: 1, crit: 1, isGood: 'low' },
        expr: `sum by (route) (max by (route, rule) (${ofRoute('ringback_alerts_firing')}))`,
      },
    ],
  ),
  timeline(
    {
      title: 'Failures in a row',
      description:
        'Targets that failed in the chosen time; at 3 in a row the built-in alert fires (unless configured otherwise).',
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
      title: 'Alerts',
      description: 'When which built-in alert was firing, of those that were in the chosen time.',
      unit: units.Short,
      noValue: 'none was firing',
      width: 12,
      queries: [
        {
          expr: troubled('route, rule', ofRoute('ringback_alerts_firing')),
          legend: '{{route}} {{rule}}',
        },
      ],
    },
    { warn: 1, crit: 1, isGood: 'low' },
  ),
]

const sides = [
  lines(
    {
      title: 'What became of callbacks',
      description: 'Callbacks per second by result: what the customer of the handler has of it in the end.',
      unit: units.RequestsPerSecond,
      noValue: 'no traffic',
      width: 12,
      queries: [
        {
          expr: `sum by (result) (${rate(ofRoute('ringback_deliveries_total'))}) > 0`,
          legend: '{{result}}',
        },
      ],
    },
    { isStacked: true, colors: deliveryResults },
  ),
  lines(
    {
      title: 'What handlers did',
      description: 'Attempts per second by outcome, live, rescue and replay together.',
      unit: units.RequestsPerSecond,
      noValue: 'no traffic',
      width: 12,
      queries: [
        {
          expr: `sum by (outcome) (${rate(ofRoute('ringback_delivery_attempts_total', 'target=~"$target"'))}) > 0`,
          legend: '{{outcome}}',
        },
      ],
    },
    { isStacked: true, colors: outcomes },
  ),
  lines(
    {
      title: 'Time to answer',
      description:
        'What the provider saw, against its 3 seconds (dashed). A handler that is slow shows here until the budget cuts it.',
      unit: units.Seconds,
      noValue: 'no traffic',
      width: 12,
      queries: [
        { expr: quantile(0.5, '', response), legend: 'p50' },
        { expr: quantile(0.95, '', response), legend: 'p95', hasExemplars: true },
        { expr: quantile(0.99, '', response), legend: 'p99' },
      ],
    },
    { limit: 3, colors: ['p50', 'p95', 'p99'] },
  ),
  heatmap({
    title: 'Time to answer, all requests',
    description:
      'Requests by time to answer. The row that ends at 3 is the last one inside the provider’s deadline; whatever lies above it came too late.',
    unit: units.Seconds,
    noValue: 'no traffic',
    width: 12,
    queries: [{ expr: `sum by (le) (increase(${response}[$__rate_interval]))`, legend: '{{le}}' }],
  }),
  lines(
    {
      title: 'Callbacks by event',
      description: 'Requests that were let in, per second, by the event they report.',
      unit: units.RequestsPerSecond,
      noValue: 'no traffic',
      width: 12,
      queries: [
        {
          expr: `sum by (event) (${rate(
            ofRoute(
              'ringback_callbacks_received_total',
              'event=~"$event", verdict=~"verified|warned|unchecked|repeated"',
            ),
          )}) > 0`,
          legend: '{{event}}',
        },
      ],
    },
    { isStacked: true },
  ),
  lines(
    {
      title: 'Refused at the door',
      description: 'Requests that were not let in, per second, over all routes and paths.',
      unit: units.RequestsPerSecond,
      noValue: 'nothing refused',
      width: 12,
      queries: [
        {
          expr: `sum by (verdict) (${rate(
            ofProcess('ringback_callbacks_received_total', 'verdict!~"verified|warned|unchecked|repeated"'),
          )}) > 0`,
          legend: '{{verdict}}',
        },
      ],
    },
    { isStacked: true, colors: refusalReasons },
  ),
]

/** Is anything wrong now, on which route, since when; what the provider saw against what the handlers did. */
export function overview(): Dashboard {
  return dashboard({
    uid: 'ringback-overview',
    title: 'Overview',
    description: 'Is anything wrong now, on which route, and since when.',
    variables: ['route', 'target', 'event'],
    rows: [
      { title: 'Is anything wrong now?', panels: now },
      { title: 'On which route, since when?', panels: which },
      { title: 'What the provider saw, what the handlers did', panels: sides },
    ],
  })
}
