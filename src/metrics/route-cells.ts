import type { Role, Route } from '../callback/route.ts'
import { HistogramCells } from './histogram-cells.ts'
import {
  attemptResults,
  blameLabels,
  escaped,
  events,
  faultLabels,
  OTHER_ROUTE,
  outcomeLabels,
  refusals,
  results,
  UNMATCHED,
  verdicts,
} from './labels.ts'
import { routeTable } from './table.ts'

/** The numbers of one target of a route. */
export class TargetCells {
  /** `route="…",target="…"`, ready for the exposition. */
  readonly labels: string
  readonly attempts = new Float64Array(outcomeLabels.values.length)
  /** By index in `attemptResults`. */
  readonly durations: readonly HistogramCells[]
  streak = 0
  /** Seconds since the epoch, 0 for never. */
  lastSuccess = 0
  isBreakerOpen = false
  /** Seconds since the epoch, 0 for unknown. */
  certificateExpiry = 0

  constructor(routeLabel: string, role: Role, hasExemplars: boolean) {
    this.labels = `${routeLabel},target="${role}"`
    const { buckets } = routeTable.attemptDuration
    this.durations = attemptResults.values.map(() => new HistogramCells(buckets, hasExemplars))
  }
}

/**
 * The numbers of one route, in typed arrays that labels were resolved for beforehand: a count costs a few
 * nanoseconds, where looking a labelled child up in prom-client costs hundreds.
 */
export class RouteCells {
  /** `route="…"`, ready for the exposition. */
  readonly label: string
  /** Those that the route has or had; a role that is neither configured nor used has no series. */
  readonly #targets: [TargetCells | undefined, TargetCells | undefined] = [undefined, undefined]
  /** By event, then verdict; a row exists from the first callback with that event. */
  readonly received: (Float64Array | undefined)[] = events.values.map(() => undefined)
  readonly deliveries = new Float64Array(results.values.length)
  /** Only of a route with a response contract, and only where it found something. */
  readonly answerFaults = new Float64Array(faultLabels.values.length)
  readonly judgesAnswers: boolean
  readonly deadlineMisses = new Float64Array(blameLabels.values.length)
  readonly signatureFailures = new Float64Array(refusals.values.length)
  /** By index in `codes`; a code that never came has no series, except the preset ones. */
  readonly responses: (HistogramCells | undefined)[]
  /** Rules of the built-in alerts. */
  readonly alerts = new Map<string, boolean>([['consecutive_failures', false]])
  /** Seconds since the epoch, 0 for never. */
  lastReceived = 0
  rescueLength = 0
  deadLetters = 0
  /** Verdicts of event `none` that stand at zero from the start. */
  readonly presetVerdicts: ReadonlySet<number>
  readonly #hasExemplars: boolean

  constructor(id: string, presets: RoutePresets) {
    this.label = `route="${escaped(id)}"`
    this.presetVerdicts = new Set(presets.verdicts.map((verdict) => verdicts.index.get(verdict) ?? 0))
    this.judgesAnswers = presets.judgesAnswers === true
    this.#hasExemplars = presets.hasExemplars
    this.responses = presets.codes.map((isPreset) => (isPreset ? this.#newResponses() : undefined))
  }

  target(role: Role): TargetCells {
    const index = role === 'primary' ? 0 : 1
    return (this.#targets[index] ??= new TargetCells(this.label, role, this.#hasExemplars))
  }

  get targets(): readonly TargetCells[] {
    return this.#targets.filter((target) => target !== undefined)
  }

  receive(event: number, verdict: number): void {
    let row = this.received[event]
    if (row === undefined) {
      row = new Float64Array(verdicts.values.length)
      this.received[event] = row
    }
    row[verdict] = (row[verdict] ?? 0) + 1
  }

  respond(code: number, seconds: number, callbackId?: string): void {
    let cells = this.responses[code]
    if (cells === undefined) {
      cells = this.#newResponses()
      this.responses[code] = cells
    }
    cells.observe(seconds, callbackId)
  }

  #newResponses(): HistogramCells {
    return new HistogramCells(routeTable.responseDuration.buckets, this.#hasExemplars)
  }
}

/** Which of the many possible series of a route stand at zero before anything happened. */
interface RoutePresets {
  readonly verdicts: readonly string[]
  /** By index in `codes`. */
  readonly codes: readonly boolean[]
  readonly judgesAnswers?: boolean
  readonly hasExemplars: boolean
}

/** Cells of a configured route. */
export function cellsOf(route: Route, hasExemplars: boolean): RouteCells {
  return new RouteCells(route.id, {
    verdicts: [route.signature === 'off' ? 'unchecked' : 'verified'],
    codes: [true, false, false, true, false],
    judgesAnswers: route.responseContract !== 'off',
    hasExemplars,
  })
}

/** Cells of what no route claims. */
export function unmatchedCells(hasExemplars: boolean): RouteCells {
  return new RouteCells(UNMATCHED, {
    verdicts: refusals.values,
    codes: [false, false, true, false, false],
    hasExemplars,
  })
}

/** Cells of what ends on a route that a reload has removed. */
export function otherCells(hasExemplars: boolean): RouteCells {
  return new RouteCells(OTHER_ROUTE, {
    verdicts: [],
    codes: [true, false, false, true, false],
    hasExemplars,
  })
}
