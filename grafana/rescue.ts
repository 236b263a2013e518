import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import * as units from '@grafana/grafana-foundation-sdk/units'

import { dashboard } from './frame.ts'
import { lines, stat, timeline } from './panels.ts'
import { ofProcess, ofRoute, rate, troubled } from './query.ts'

const queue = ofRoute('ringback_rescue_queue_length')
const settled = (result: string) => ofRoute('ringback_deliveries_total', `result="${result}"`)

const now = [
  stat(
    {
      title: 'Waiting',
      description: 'Callbacks that Ringback answered for the handler and still has to deliver.',
      unit: units.Short,
      noValue: 'none',
      width: 6,
      queries: [{ expr: `sum(${queue})`, legend: 'waiting' }],
    },
    { warn: 1, crit: 1000, isGood: 'low' },
  ),
  stat(
    {
      title: 'Oldest waits for',
      description: 'Age of the oldest callback that waits, over all routes.',
      unit: units.DurationSeconds,
      noValue: 'none waits',
      width: 6,
      queries: [
        {
          expr: `time() - min(${ofProcess('ringback_rescue_queue_oldest_timestamp_seconds')} > 0)`,
          legend: 'age',
        },
      ],
    },
    { warn: 60, crit: 3600, isGood: 'low' },
  ),
  stat(
    {
      title: 'Dead letters',
      description: 'Callbacks that were given up and wait for somebody to replay or drop them.',
      unit: units.Short,
      noValue: 'none',
      width: 6,
      queries: [{ expr: `sum(${ofRoute('ringback_dead_letters')})`, legend: 'dead' }],
    },
    { warn: 1, crit: 1, isGood: 'low' },
  ),
  stat(
    {
      title: 'Rescued and delivered',
      description: 'Callbacks that arrived late instead of never, in the chosen time.',
      unit: units.Short,
      noValue: 'none',
      width: 6,
      queries: [{ expr: `sum(increase(${settled('delivered_late')}[$__range]))`, legend: 'delivered late' }],
    },
    { warn: 1e9, crit: 1e10, isGood: 'low' },
    { decimals: 0 },
  ),
]

const flow = [
  lines(
    {
      title: 'In and out',
      description: 'Callbacks per second that were rescued, delivered late, and given up.',
      unit: units.RequestsPerSecond,
      noValue: 'nothing rescued',
      width: 12,
      queries: [
        {
          expr: `sum by (result) (${rate(ofRoute('ringback_deliveries_total', 'result=~"rescued|delivered_late|dead"'))})`,
          legend: '{{result}}',
        },
      ],
    },
    { colors: ['rescued', 'delivered_late', 'dead'] },
  ),
  lines(
    {
      title: 'Queue by route',
      description: 'Callbacks that wait, by route.',
      unit: units.Short,
      noValue: 'none waits',
      width: 12,
      queries: [{ expr: `sum by (route) (${queue}) > 0`, legend: '{{route}}' }],
    },
    { isStacked: true },
  ),
  lines(
    {
      title: 'Dead letters by route',
      description: 'Callbacks that were given up, by route. Falls when somebody replays or drops them.',
      unit: units.Short,
      noValue: 'none',
      width: 12,
      queries: [{ expr: `sum by (route) (${ofRoute('ringback_dead_letters')}) > 0`, legend: '{{route}}' }],
    },
    { isStacked: true },
  ),
  timeline(
    {
      title: 'Breaker',
      description: 'Red while a target is skipped because it kept failing: rescue waits for it too.',
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
]

/** What waits, since when, and whether it gets less. */
export function rescue(): Dashboard {
  return dashboard({
    uid: 'ringback-rescue',
    title: 'Rescue and replay',
    description:
      'Callbacks that were answered for a handler: what waits, what arrived late, what was given up.',
    variables: ['route', 'target'],
    rows: [
      { title: 'Now', panels: now },
      { title: 'Flow', panels: flow },
    ],
  })
}
