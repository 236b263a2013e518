import {
  attemptResults,
  blameLabels,
  type ClosedSet,
  codes,
  escaped,
  events,
  faultLabels,
  outcomeLabels,
  refusals,
  results,
  signatureReasons,
  verdicts,
} from './labels.ts'
import type { RouteGauge } from './route-cells.ts'
import type { RouteSeries } from './route-numbers.ts'
import { type MetricRow, routeTable } from './table.ts'
import type { TargetCells, TargetGauge } from './target-cells.ts'

/** One metric with a `route` label, and how the numbers of a route become its lines. */
export interface RouteFamily {
  readonly row: MetricRow
  write(route: RouteSeries, out: string[]): void
}

/** The two lines that open a metric. Sources: Prometheus text format 0.0.4; OpenMetrics 1.0, where counters lose `_total`. */
export function familyHeader({ name, type, help }: MetricRow, isOpenMetrics: boolean): string {
  const family = isOpenMetrics && type === 'counter' ? name.replace(/_total$/, '') : name
  return `# HELP ${family} ${help}\n# TYPE ${family} ${type}\n`
}

/** Every metric of `routeTable`, in its order. */
export const routeFamilies: readonly RouteFamily[] = [
  { row: routeTable.received, write: writeReceived },
  {
    row: routeTable.attempts,
    write({ label, cells }, out) {
      for (const target of cells.targets) {
        const opening = `${routeTable.attempts.name}{${labelsOf(label, target)},outcome="`
        writeCounts(opening, outcomeLabels, (index) => target.attempts(index), out)
      }
    },
  },
  {
    row: routeTable.answerFaults,
    write({ label, cells }, out) {
      if (!cells.judgesAnswers) return
      const opening = `${routeTable.answerFaults.name}{${label},fault="`
      writeCounts(opening, faultLabels, (index) => cells.counted('answerFaults', index), out)
    },
  },
  {
    row: routeTable.deliveries,
    write({ label, cells }, out) {
      const opening = `${routeTable.deliveries.name}{${label},result="`
      writeCounts(opening, results, (index) => cells.deliveries(index), out)
    },
  },
  {
    row: routeTable.deadlineMisses,
    write({ label, cells }, out) {
      const opening = `${routeTable.deadlineMisses.name}{${label},blame="`
      writeCounts(opening, blameLabels, (index) => cells.counted('deadlineMisses', index), out)
    },
  },
  { row: routeTable.signatureFailures, write: writeSignatureFailures },
  {
    row: routeTable.attemptDuration,
    write({ label, cells }, out) {
      for (const target of cells.targets) {
        for (const [index, result] of attemptResults.values.entries()) {
          const labels = `${labelsOf(label, target)},result="${result}"`
          target.durations(index).write(routeTable.attemptDuration.name, labels, out)
        }
      }
    },
  },
  {
    row: routeTable.responseDuration,
    write({ label, cells, presetCodes }, out) {
      for (const [index, code] of codes.values.entries()) {
        const times = cells.responses(index)
        if (presetCodes[index] !== true && times.count === 0) continue
        times.write(routeTable.responseDuration.name, `${label},code="${code}"`, out)
      }
    },
  },
  targetGauge(routeTable.consecutiveFailures, 'streak'),
  targetGauge(routeTable.lastSuccess, 'lastSuccess'),
  routeGauge(routeTable.lastReceived, 'lastReceived'),
  routeGauge(routeTable.rescueLength, 'rescueLength'),
  routeGauge(routeTable.deadLetters, 'deadLetters'),
  {
    row: routeTable.alertsFiring,
    write({ label, alerts }, out) {
      const { name } = routeTable.alertsFiring
      for (const [rule, isFiring] of alerts) {
        out.push(`${name}{${label},rule="${escaped(rule)}"} ${isFiring ? 1 : 0}\n`)
      }
    },
  },
  targetGauge(routeTable.breakerOpen, 'isBreakerOpen'),
  targetGauge(routeTable.certificateExpiry, 'certificateExpiry'),
]

function routeGauge(row: MetricRow, gauge: RouteGauge): RouteFamily {
  return {
    row,
    write({ label, cells }, out) {
      out.push(`${row.name}{${label}} ${cells.get(gauge)}\n`)
    },
  }
}

function targetGauge(row: MetricRow, gauge: TargetGauge): RouteFamily {
  return {
    row,
    write({ label, cells }, out) {
      for (const target of cells.targets)
        out.push(`${row.name}{${labelsOf(label, target)}} ${target.get(gauge)}\n`)
    },
  }
}

/** The inside of the braces of one target of a route. */
function labelsOf(label: string, { role }: TargetCells): string {
  return `${label},target="${role}"`
}

/** Events times verdicts are too many to stand at zero on every route: a series appears with its first request. */
function writeReceived({ label, cells }: RouteSeries, out: string[]): void {
  const { name } = routeTable.received
  for (const { event, verdict, count } of cells.received) {
    const of = `event="${events.values[event] ?? ''}",verdict="${verdicts.values[verdict] ?? ''}"`
    out.push(`${name}{${label},${of}} ${count}\n`)
  }
}

function writeSignatureFailures({ label, cells }: RouteSeries, out: string[]): void {
  for (const reason of signatureReasons) {
    const count = cells.counted('signatureFailures', refusals.index.get(reason) ?? 0)
    out.push(`${routeTable.signatureFailures.name}{${label},reason="${reason}"} ${count}\n`)
  }
}

/** `opening` is the series up to the value of its last label: `name{route="…",outcome="`. */
function writeCounts(
  opening: string,
  labels: ClosedSet<string>,
  count: (index: number) => number,
  out: string[],
): void {
  for (const [index, value] of labels.values.entries()) out.push(`${opening}${value}"} ${count(index)}\n`)
}
