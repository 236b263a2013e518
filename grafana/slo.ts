import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import * as units from '@grafana/grafana-foundation-sdk/units'

import { dashboard } from './frame.ts'
import { lines, stat, timeline } from './panels.ts'
import { ofProcess, ofRoute, rate, troubled } from './query.ts'

/** Of prometheus/recording.yml; recorded series have no instance. */
const recorded = (name: string) => `${name}{job=~"$job", route=~"$route"}`
const BUDGET = '(1 - scalar(ringback:delivery_objective:ratio))'
const burn = (window: string) =>
  `max by (route) (${recorded(`job_route:ringback_delivery_failures_per_delivery:ratio_rate${window}`)}) / ${BUDGET}`
const ended = ofRoute('ringback_deliveries_total', 'result=~"delivered|rescued|failed"')
const hurt = ofRoute('ringback_deliveries_total', 'result=~"rescued|failed"')

const budget = [
  stat(
    {
      title: 'Error budget left',
      description:
        'What is left of the failures that the objective allows in 30 days. Below 0 the objective is broken.',
      unit: units.PercentUnit,
      noValue: 'no traffic',
      width: 8,
      queries: [
        {
          expr: `1 - (sum(increase(${hurt}[30d])) / (sum(increase(${ended}[30d])) > 0)) / ${BUDGET}`,
          legend: 'left',
        },
      ],
    },
    { warn: 0.5, crit: 0.1, isGood: 'high' },
    { decimals: 0 },
  ),
  stat(
    {
      title: 'Objective',
      description: 'Share of callbacks that handlers shall take in time; set in prometheus/recording.yml.',
      unit: units.PercentUnit,
      noValue: 'rules not loaded',
      width: 8,
      queries: [{ expr: 'max(ringback:delivery_objective:ratio)', legend: 'objective' }],
    },
    { warn: 0, crit: 0, isGood: 'high' },
    { hasCourse: false },
  ),
  stat(
    {
      title: 'Callbacks hurt',
      description: 'Callbacks in the chosen time that no handler took while the provider waited.',
      unit: units.Short,
      noValue: 'none',
      width: 8,
      queries: [{ expr: `sum(increase(${hurt}[$__range]))`, legend: 'hurt' }],
    },
    { warn: 1, crit: 100, isGood: 'low' },
    { decimals: 0 },
  ),
  lines(
    {
      title: 'Burn rate, fast windows',
      description: 'How many times too fast the budget is spent. 14.4 over 1 h and 5 m pages (dashed).',
      unit: units.Short,
      noValue: 'no traffic',
      width: 12,
      queries: [
        { expr: burn('5m'), legend: '{{route}} 5m' },
        { expr: burn('1h'), legend: '{{route}} 1h' },
      ],
    },
    { limit: 14.4 },
  ),
  lines(
    {
      title: 'Burn rate, slow windows',
      description: 'How many times too fast the budget is spent. Above 1 it will not last (dashed).',
      unit: units.Short,
      noValue: 'no traffic',
      width: 12,
      queries: [
        { expr: burn('6h'), legend: '{{route}} 6h' },
        { expr: burn('3d'), legend: '{{route}} 3d' },
      ],
    },
    { limit: 1 },
  ),
  lines(
    {
      title: 'Answers inside 3 s',
      description: 'Share of requests on each route that the provider had an answer to within its 3 seconds.',
      unit: units.PercentUnit,
      noValue: 'no traffic',
      width: 12,
      queries: [
        {
          expr: `min by (route) (${recorded('job_route:ringback_responses_in_time_per_response:ratio_rate5m')})`,
          legend: '{{route}}',
        },
      ],
    },
    { limit: 0.999, nearlyAll: 0.99 },
  ),
  lines(
    {
      title: 'Time to answer, p95',
      description: 'Recorded p95 of each route, against the provider’s 3 seconds (dashed).',
      unit: units.Seconds,
      noValue: 'no traffic',
      width: 12,
      queries: [
        {
          expr: `max by (route) (${recorded('job_route:ringback_response_duration_seconds:p95_rate5m')}) >= 0`,
          legend: '{{route}}',
        },
      ],
    },
    { limit: 3 },
  ),
]

const told = [
  timeline(
    {
      title: 'Incidents',
      description:
        'When which built-in alert was firing, by route and rule, of those that were in the chosen time.',
      unit: units.Short,
      noValue: 'none was firing',
      width: 12,
      queries: [
        { expr: troubled('route, rule', ofRoute('ringback_alerts_firing')), legend: '{{route}} {{rule}}' },
      ],
    },
    { warn: 1, crit: 1, isGood: 'low' },
  ),
  timeline(
    {
      title: 'Prometheus alerts',
      description: 'Alerts of prometheus/alerts.yml that are firing.',
      unit: units.Short,
      noValue: 'none firing',
      width: 12,
      queries: [
        {
          expr: 'count by (alertname, route) (ALERTS{alertname=~"Ringback.+", alertstate="firing", job=~"$job|"})',
          legend: '{{alertname}} {{route}}',
        },
      ],
    },
    { warn: 1, crit: 1, isGood: 'low' },
  ),
  lines(
    {
      title: 'Notifications',
      description: 'Messages handed to people, per second, by channel and whether it took them.',
      unit: units.MessagesPerSecond,
      noValue: 'none sent',
      width: 8,
      queries: [
        {
          expr: `sum by (channel, result) (${rate(ofProcess('ringback_notifications_total'))})`,
          legend: '{{channel}} {{result}}',
        },
      ],
    },
    {},
  ),
  lines(
    {
      title: 'Time of a notification',
      description: 'How long a channel took to accept or refuse a message (p95).',
      unit: units.Seconds,
      noValue: 'none sent',
      width: 8,
      queries: [
        {
          expr: `histogram_quantile(0.95, sum by (le, channel) (${rate(ofProcess('ringback_notification_duration_seconds_bucket'))})) >= 0`,
          legend: '{{channel}}',
        },
      ],
    },
    {},
  ),
  stat(
    {
      title: 'Oldest unsent notification',
      description:
        'Age of the oldest message that no channel has taken yet. People are not told while it grows.',
      unit: units.DurationSeconds,
      noValue: 'none waits',
      width: 8,
      height: 8,
      queries: [
        {
          expr: `time() - min(${ofProcess('ringback_alert_outbox_oldest_timestamp_seconds')} > 0)`,
          legend: 'age',
        },
      ],
    },
    { warn: 60, crit: 600, isGood: 'low' },
  ),
]

/** Series of these exist only with `reconciliation` in the configuration. */
const records = [
  lines(
    {
      title: 'Calls that do not fit',
      description:
        'Calls of which Vobiz has a record and whose callbacks never came, or were not what the call needed, by account.',
      unit: units.Short,
      noValue: 'all fit, or no reconciliation',
      width: 16,
      queries: [
        {
          expr: `max by (account, finding) (${ofProcess('ringback_reconciliation_calls', 'finding!="ok"')}) > 0`,
          legend: '{{account}} {{finding}}',
        },
      ],
    },
    { isStacked: true },
  ),
  stat(
    {
      title: 'Call records read',
      description: 'Time since the call records of an account were last read to the end.',
      unit: units.DurationSeconds,
      noValue: 'no reconciliation',
      width: 8,
      height: 8,
      queries: [
        {
          expr: `time() - max by (account) (${ofProcess('ringback_reconciliation_last_success_timestamp_seconds')} > 0)`,
          legend: '{{account}}',
        },
      ],
    },
    { warn: 3600, crit: 7200, isGood: 'low' },
  ),
]

/** How much failure is left to spend, and whether people were told. */
export function slo(): Dashboard {
  return dashboard({
    uid: 'ringback-slo',
    title: 'SLO and alerts',
    description: 'Error budget, burn rates, incidents and the health of notifications.',
    variables: ['route'],
    rows: [
      { title: 'Error budget', panels: budget },
      { title: 'Alerts and notifications', panels: told },
      { title: 'Call records of Vobiz', panels: records },
    ],
  })
}
