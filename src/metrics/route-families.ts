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
import type { RouteCells, TargetCells } from './route-cells.ts'
import { type MetricRow, routeTable } from './table.ts'

/** One metric with a `route` label, and how the cells of a route become its lines. */
export interface RouteFamily {
  readonly row: MetricRow
  write(cells: RouteCells, out: string[]): void
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
    write(cells, out) {
      for (const target of cells.targets) {
        const opening = `${routeTable.attempts.name}{${target.labels},outcome="`
        writeCounts(opening, outcomeLabels, target.attempts, out)
      }
    },
  },
  {
    row: routeTable.answerFaults,
    write(cells, out) {
      if (!cells.judgesAnswers) return
      writeCounts(
        `${routeTable.answerFaults.name}{${cells.label},fault="`,
        faultLabels,
        cells.answerFaults,
        out,
      )
    },
  },
  {
    row: routeTable.deliveries,
    write(cells, out) {
      const opening = `${routeTable.deliveries.name}{${cells.label},result="`
      writeCounts(opening, results, cells.deliveries, out)
    },
  },
  {
    row: routeTable.deadlineMisses,
    write(cells, out) {
      const opening = `${routeTable.deadlineMisses.name}{${cells.label},blame="`
      writeCounts(opening, blameLabels, cells.deadlineMisses, out)
    },
  },
  { row: routeTable.signatureFailures, write: writeSignatureFailures },
  {
    row: routeTable.attemptDuration,
    write(cells, out) {
      for (const target of cells.targets) {
        for (const [index, cell] of target.durations.entries()) {
          const labels = `${target.labels},result="${attemptResults.values[index] ?? ''}"`
          cell.write(routeTable.attemptDuration.name, labels, out)
        }
      }
    },
  },
  {
    row: routeTable.responseDuration,
    write(cells, out) {
      for (const [index, cell] of cells.responses.entries()) {
        const labels = `${cells.label},code="${codes.values[index] ?? ''}"`
        cell?.write(routeTable.responseDuration.name, labels, out)
      }
    },
  },
  targetGauge(routeTable.consecutiveFailures, (target) => target.streak),
  targetGauge(routeTable.lastSuccess, (target) => target.lastSuccess),
  routeGauge(routeTable.lastReceived, (cells) => cells.lastReceived),
  routeGauge(routeTable.rescueLength, (cells) => cells.rescueLength),
  routeGauge(routeTable.deadLetters, (cells) => cells.deadLetters),
  {
    row: routeTable.alertsFiring,
    write(cells, out) {
      const { name } = routeTable.alertsFiring
      for (const [rule, isFiring] of cells.alerts) {
        out.push(`${name}{${cells.label},rule="${escaped(rule)}"} ${isFiring ? 1 : 0}\n`)
      }
    },
  },
  targetGauge(routeTable.breakerOpen, (target) => (target.isBreakerOpen ? 1 : 0)),
  targetGauge(routeTable.certificateExpiry, (target) => target.certificateExpiry),
]

function routeGauge(row: MetricRow, read: (cells: RouteCells) => number): RouteFamily {
  return {
    row,
    write(cells, out) {
      out.push(`${row.name}{${cells.label}} ${read(cells)}\n`)
    },
  }
}

function targetGauge(row: MetricRow, read: (target: TargetCells) => number): RouteFamily {
  return {
    row,
    write(cells, out) {
      for (const target of cells.targets) out.push(`${row.name}{${target.labels}} ${read(target)}\n`)
    },
  }
}

/** Events times verdicts are too many to stand at zero on every route: a series appears with its first request. */
function writeReceived(cells: RouteCells, out: string[]): void {
  const { name } = routeTable.received
  for (const [eventIndex, event] of events.values.entries()) {
    const counts = cells.received[eventIndex]
    const isPresetEvent = event === 'none'
    if (counts === undefined && !isPresetEvent) continue
    for (const [index, verdict] of verdicts.values.entries()) {
      const count = counts?.[index] ?? 0
      if (count === 0 && !(isPresetEvent && cells.presetVerdicts.has(index))) continue
      out.push(`${name}{${cells.label},event="${event}",verdict="${verdict}"} ${count}\n`)
    }
  }
}

function writeSignatureFailures(cells: RouteCells, out: string[]): void {
  for (const reason of signatureReasons) {
    const count = cells.signatureFailures[refusals.index.get(reason) ?? 0] ?? 0
    out.push(`${routeTable.signatureFailures.name}{${cells.label},reason="${reason}"} ${count}\n`)
  }
}

/** `opening` is the series up to the value of its last label: `name{route="…",outcome="`. */
function writeCounts(opening: string, labels: ClosedSet<string>, counts: Float64Array, out: string[]): void {
  for (const [index, value] of labels.values.entries())
    out.push(`${opening}${value}"} ${counts[index] ?? 0}\n`)
}
