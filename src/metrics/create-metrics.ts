import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Attempt, DeliveryResult, RefusalReason } from '../callback/attempt.ts'
import type { Blame } from '../callback/blame.ts'
import { OTHER_EVENT } from '../callback/event.ts'
import type { Outcome } from '../callback/outcome.ts'
import type { Route } from '../callback/route.ts'
import {
  acceptedVerdicts,
  attemptResults,
  blameLabels,
  codeIndex,
  events,
  faultLabels,
  outcomeLabels,
  refusals,
  results,
  verdicts,
} from './labels.ts'
import type { GaugeSources, Metrics, ReceivedVerdict, Reconciled } from './metrics.ts'
import { ProcessMetrics } from './process-metrics.ts'
import type { RareCounter, RouteCells } from './route-cells.ts'
import { familyHeader, routeFamilies } from './route-families.ts'
import { RouteNumbers } from './route-numbers.ts'
import type { TargetCells } from './target-cells.ts'

/** A scrape works this long at a stretch, milliseconds, before it lets callbacks through. */
const SLICE_MS = 3
/** And no more lines than this, because joining and encoding them takes several times as long as making them. */
const SLICE_LINES = 1_000

const OTHER_EVENT_INDEX = events.values.indexOf(OTHER_EVENT)
const SUCCESS = attemptResults.values.indexOf('success')
const FAILURE = attemptResults.values.indexOf('failure')
const accepted: ReadonlySet<string> = new Set(acceptedVerdicts)

export interface MetricsOptions {
  /** Version of Ringback, for `ringback_build_info`. */
  readonly version: string
  /** Writes OpenMetrics with the id of a callback beside each bucket, instead of the Prometheus text format. */
  readonly exemplars?: boolean
}

/**
 * The counters of one daemon. What has a `route` label lives in typed cells and is written out here, a slice at a
 * time; everything else lives in a prom-client registry.
 */
export function createMetrics(options: MetricsOptions): Metrics {
  return new RingbackMetrics(options)
}

class RingbackMetrics implements Metrics {
  readonly #process: ProcessMetrics
  readonly #hasExemplars: boolean
  readonly #routes: RouteNumbers
  readonly contentType: string
  /** What is told of one callback is told in a row: its route is looked up once. */
  #lastRoute: Route | undefined
  #lastCells: RouteCells
  readonly #values = {
    inFlight: 0,
    workers: { wanted: 1, serving: 1 },
    rescueOldestAt: 0,
    outboxOldestAt: 0,
  }
  #sources: Partial<GaugeSources> = {}

  constructor({ version, exemplars = false }: MetricsOptions) {
    this.#process = new ProcessMetrics(version, exemplars)
    this.#hasExemplars = exemplars
    this.#routes = new RouteNumbers(exemplars)
    this.#lastCells = this.#routes.unmatched
    this.contentType = this.#process.contentType
  }

  received(route: Route | undefined, event: string, verdict: ReceivedVerdict): void {
    const cells = this.#cells(route)
    cells.receive(events.index.get(event) ?? OTHER_EVENT_INDEX, verdicts.index.get(verdict) ?? 0)
    if (accepted.has(verdict)) cells.set('lastReceived', Date.now() / 1000)
  }

  signatureFailed(route: Route | undefined, reason: RefusalReason): void {
    this.#count(route, 'signatureFailures', refusals.index.get(reason))
  }

  attempted(route: Route, attempt: Attempt, callbackId?: string): void {
    const target = this.#cells(route).target(attempt.target.role)
    const seconds = attempt.phases.total / 1000
    const isSuccess = attempt.outcome === 'ok'
    const outcome = outcomeLabels.index.get(attempt.outcome)
    if (outcome !== undefined) target.attempted(outcome)
    if (wasSent(attempt.outcome) && seconds >= 0)
      target.took(isSuccess ? SUCCESS : FAILURE, seconds, callbackId)
    if (isSuccess) target.set('lastSuccess', Date.now() / 1000)
    if (attempt.answerFault !== undefined)
      this.#count(route, 'answerFaults', faultLabels.index.get(attempt.answerFault))
  }

  settled(route: Route, result: DeliveryResult): void {
    const index = results.index.get(result)
    if (index !== undefined) this.#cells(route).settled(index)
  }

  answered(route: Route | undefined, status: number, seconds: number, callbackId?: string): void {
    this.#cells(route).answered(codeIndex(status), seconds, callbackId)
  }

  deadlineMissed(route: Route, blame: Blame): void {
    this.#count(route, 'deadlineMisses', blameLabels.index.get(blame))
  }

  inFlight(change: 1 | -1): void {
    this.#values.inFlight += change
  }

  streak(routeId: string, target: string, failures: number): void {
    this.#target(routeId, target).set('streak', failures)
  }

  alertFiring(routeId: string, rule: string, isFiring: boolean): void {
    this.#routes.alertFiring(routeId, rule, isFiring)
  }

  notified(channel: string, kind: string, result: string, seconds: number): void {
    this.#process.notified({ channel, kind, result }, seconds)
  }

  ledgerCommitted(rows: number, seconds: number): void {
    this.#process.ledgerCommitted(rows, seconds)
  }

  ledgerFailed(rows: number): void {
    this.#process.ledgerFailed(rows)
  }

  commitWasLate(): void {
    this.#process.commitWasLate()
  }

  reconciled(reading: Reconciled): void {
    this.#process.reconciled(reading)
  }

  workerLost(): void {
    this.#process.workerLost()
  }

  reloaded(ok: boolean): void {
    this.#process.reloaded(ok)
  }

  setRoutes(routes: readonly Route[]): void {
    this.#routes.setRoutes(routes)
    this.#lastRoute = undefined
    this.#lastCells = this.#routes.unmatched
  }

  setGauges(read: Partial<GaugeSources>): void {
    this.#sources = { ...this.#sources, ...read }
  }

  async text(): Promise<string> {
    const chunks: string[] = []
    for await (const chunk of this.chunks()) chunks.push(chunk)
    return chunks.join('')
  }

  async *chunks(): AsyncGenerator<string> {
    this.#readSources()
    yield await this.#process.text(this.#values)
    const routes = this.#routes.series()
    let lines: string[] = []
    let sliceEnds = performance.now() + SLICE_MS
    for (const family of routeFamilies) {
      lines.push(familyHeader(family.row, this.#hasExemplars))
      for (const route of routes) {
        family.write(route, lines)
        if (lines.length < SLICE_LINES && performance.now() < sliceEnds) continue
        yield lines.join('')
        lines = []
        await nextTurn()
        sliceEnds = performance.now() + SLICE_MS
      }
    }
    if (this.#hasExemplars) lines.push('# EOF\n')
    yield lines.join('')
  }

  /** Takes over what is read at scrape time. A source that fails leaves its last numbers: the scrape must not fail with it. */
  #readSources(): void {
    const { outboxOldestAt, rescueQueue, targets, workers } = this.#sources
    try {
      if (workers !== undefined) this.#values.workers = workers()
      if (outboxOldestAt !== undefined) this.#values.outboxOldestAt = outboxOldestAt() ?? 0
      if (rescueQueue !== undefined) this.#values.rescueOldestAt = this.#fillRescueCells(rescueQueue())
      for (const each of targets?.() ?? []) {
        const cells = this.#target(each.route, each.target)
        cells.set('isBreakerOpen', each.isBreakerOpen ? 1 : 0)
        if (each.certificateExpiresAt !== undefined)
          cells.set('certificateExpiry', each.certificateExpiresAt / 1000)
      }
    } catch {
      // The ledger's own failure is counted in ledger_writes_total and told by its log lines.
    }
  }

  /** Returns the arrival of the oldest waiting callback, or 0. */
  #fillRescueCells(queue: ReturnType<GaugeSources['rescueQueue']>): number {
    for (const cells of this.#routes.all) {
      cells.set('rescueLength', 0)
      cells.set('deadLetters', 0)
    }
    let oldest = Number.POSITIVE_INFINITY
    for (const { route, length, oldestAt, dead } of queue) {
      const cells = this.#routes.of(route)
      cells.set('rescueLength', cells.get('rescueLength') + length)
      cells.set('deadLetters', cells.get('deadLetters') + dead)
      if (length > 0) oldest = Math.min(oldest, oldestAt)
    }
    return Number.isFinite(oldest) ? oldest : 0
  }

  #cells(route: Route | undefined): RouteCells {
    if (route !== this.#lastRoute) {
      this.#lastRoute = route
      this.#lastCells = route === undefined ? this.#routes.unmatched : this.#routes.of(route.id)
    }
    return this.#lastCells
  }

  #count(route: Route | undefined, counter: RareCounter, label: number | undefined): void {
    if (label !== undefined) this.#cells(route).count(counter, label)
  }

  #target(routeId: string, role: string): TargetCells {
    return this.#routes.of(routeId).target(role === 'fallback' ? 'fallback' : 'primary')
  }
}

/** Did the handler get anything that it could be slow with? */
function wasSent(outcome: Outcome): boolean {
  return outcome !== 'circuit_open' && outcome !== 'blocked_target' && outcome !== 'unknown'
}
