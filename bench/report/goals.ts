import { fixed } from './numbers.ts'
import type { Summary } from './summary.ts'
import { tableOf } from './table.ts'

/** Rate of the open loop that the latency goals are about, requests a second. */
const RATE = 2_000

interface Goal {
  readonly what: string
  /** The least, or the most, that is good enough. */
  readonly limit: number
  readonly atLeast?: boolean
  readonly unit: string
  readonly measured: number
}

/** What the project means to reach, beside what was measured; empty where a contender it needs did not run. */
export function goalTable(summaries: readonly Summary[]): string {
  const goals = goalsOf(summaries).filter(({ measured }) => Number.isFinite(measured))
  if (goals.length === 0) return ''
  return tableOf(
    ['goal', 'to reach', 'measured', ''],
    goals.map(({ what, limit, atLeast = false, unit, measured }) => [
      what,
      `${atLeast ? '≥' : '≤'} ${limit} ${unit}`,
      `${fixed(measured, 2)} ${unit}`,
      (atLeast ? measured >= limit : measured <= limit) ? 'met' : 'missed',
    ]),
  )
}

function goalsOf(summaries: readonly Summary[]): Goal[] {
  const at = (name: string, read: (row: Summary) => number | undefined): number => {
    const row = summaries.find(({ contender }) => contender === name)
    return (row === undefined ? undefined : read(row)) ?? Number.NaN
  }
  const speed = (name: string): number => at(name, ({ perSecond }) => perSecond.median)
  const cpu = (name: string): number => at(name, ({ cpuUs }) => cpuUs.median)
  const p50 = (name: string): number =>
    at(name, ({ latency }) => latency.find(({ rate }) => rate === RATE)?.p50.median)
  const p99 = (name: string): number =>
    at(name, ({ latency }) => latency.find(({ rate }) => rate === RATE)?.p99.median)
  const fastify = (durability: string, limit: number): Goal => ({
    what: `requests/s, ${durability}, against @fastify/http-proxy`,
    limit,
    atLeast: true,
    unit: '×',
    measured: speed(`ringback-${durability}`) / speed('fastify-http-proxy'),
  })
  return [
    fastify('background', 2),
    fastify('answer', 1.4),
    fastify('full', 1.2),
    {
      what: 'CPU per request, background, against nginx',
      limit: 2.5,
      unit: '×',
      measured: cpu('ringback-background') / cpu('nginx'),
    },
    ...[['background', 0.3, 3] as const, ['full', 1.5, 8] as const].flatMap(
      ([durability, most50, most99]): Goal[] => [
        {
          what: `p50 at ${RATE}/s, ${durability}, above direct`,
          limit: most50,
          unit: 'ms',
          measured: p50(`ringback-${durability}`) - p50('direct'),
        },
        {
          what: `p99 at ${RATE}/s, ${durability}, above nginx`,
          limit: most99,
          unit: 'ms',
          measured: p99(`ringback-${durability}`) - p99('nginx'),
        },
      ],
    ),
  ]
}
