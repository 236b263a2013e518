import { version as nodeVersion } from 'node:process'

import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
  type RegistryContentType,
} from 'prom-client'

import type { Reconciled, WorkerCounts } from './metrics.ts'
import { type MetricRow, processTable } from './table.ts'

/** Known in advance, so that already the first failed notification shows as an increase. */
const channels = ['slack', 'email'] as const
const kinds = ['firing', 'reminder', 'resolved', 'summary'] as const
const results = ['sent', 'retry', 'failed'] as const

/** Values that are read when somebody scrapes. */
export interface ScrapeValues {
  readonly inFlight: number
  readonly workers: WorkerCounts
  /** Milliseconds since the epoch, 0 for none. */
  readonly rescueOldestAt: number
  readonly outboxOldestAt: number
}

/** Metrics of the whole process, and Node's own: few series and rare events, held by prom-client. */
export class ProcessMetrics {
  readonly #registry: Registry<RegistryContentType>
  readonly #ledgerWrites: Counter
  readonly #ledgerCommit: Histogram
  readonly #notifications: Counter
  readonly #notificationDuration: Histogram
  readonly #reloadSuccessful: Gauge
  readonly #inFlight: Gauge
  readonly #workers: Gauge
  readonly #workersWanted: Gauge
  readonly #workersLost: Counter
  readonly #reconciledCalls: Gauge
  readonly #reconciliations: Counter
  readonly #reconciledAt: Gauge
  readonly #rescueOldest: Gauge
  readonly #outboxOldest: Gauge

  /** A registry must not change its format later: prom-client renames its counters for OpenMetrics. */
  constructor(version: string, isOpenMetrics: boolean) {
    this.#registry = new Registry<RegistryContentType>()
    if (isOpenMetrics) this.#registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    this.#ledgerWrites = this.#counter(processTable.ledgerWrites)
    this.#ledgerCommit = this.#histogram(processTable.ledgerCommit)
    this.#notifications = this.#counter(processTable.notifications)
    this.#notificationDuration = this.#histogram(processTable.notificationDuration)
    this.#reloadSuccessful = this.#gauge(processTable.reloadSuccessful)
    this.#inFlight = this.#gauge(processTable.inFlight)
    this.#workers = this.#gauge(processTable.workers)
    this.#workersWanted = this.#gauge(processTable.workersWanted)
    this.#workersLost = this.#counter(processTable.workersLost)
    this.#reconciledCalls = this.#gauge(processTable.reconciledCalls)
    this.#reconciliations = this.#counter(processTable.reconciliations)
    this.#reconciledAt = this.#gauge(processTable.reconciledAt)
    this.#rescueOldest = this.#gauge(processTable.rescueOldest)
    this.#outboxOldest = this.#gauge(processTable.outboxOldest)
    this.#gauge(processTable.buildInfo).set({ version, nodejs: nodeVersion }, 1)
    this.#reloadSuccessful.set(1)
    this.#ledgerWrites.inc({ result: 'ok' }, 0)
    this.#ledgerWrites.inc({ result: 'failed' }, 0)
    for (const channel of channels) {
      this.#notificationDuration.zero({ channel })
      for (const kind of kinds) {
        for (const result of results) this.#notifications.inc({ channel, kind, result }, 0)
      }
    }
    collectDefaultMetrics({ register: this.#registry })
  }

  notified(labels: { channel: string; kind: string; result: string }, seconds: number): void {
    this.#notifications.inc(labels)
    this.#notificationDuration.observe({ channel: labels.channel }, seconds)
  }

  ledgerCommitted(rows: number, seconds: number): void {
    this.#ledgerWrites.inc({ result: 'ok' }, rows)
    this.#ledgerCommit.observe(seconds)
  }

  ledgerFailed(rows: number): void {
    this.#ledgerWrites.inc({ result: 'failed' }, rows)
  }

  commitWasLate(): void {
    this.#ledgerWrites.inc({ result: 'late' })
  }

  reconciled({ account, succeeded_at, problem, calls }: Reconciled): void {
    const result = problem === '' ? 'ok' : 'failed'
    for (const each of ['ok', 'failed'])
      this.#reconciliations.inc({ account, result: each }, each === result ? 1 : 0)
    this.#reconciledAt.set({ account }, (succeeded_at ?? 0) / 1000)
    if (result === 'failed') return
    for (const [finding, count] of Object.entries(calls))
      this.#reconciledCalls.set({ account, finding }, count)
  }

  workerLost(): void {
    this.#workersLost.inc()
  }

  reloaded(ok: boolean): void {
    this.#reloadSuccessful.set(ok ? 1 : 0)
  }

  async text(values: ScrapeValues): Promise<string> {
    this.#inFlight.set(values.inFlight)
    this.#workers.set(values.workers.serving)
    this.#workersWanted.set(values.workers.wanted)
    this.#rescueOldest.set(values.rescueOldestAt / 1000)
    this.#outboxOldest.set(values.outboxOldestAt / 1000)
    // More follows, so that the end is told by whoever writes the rest.
    return (await this.#registry.metrics()).replace(/# EOF\n?$/, '')
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  #counter(row: MetricRow): Counter {
    return new Counter(this.#configuration(row))
  }

  #gauge(row: MetricRow): Gauge {
    return new Gauge(this.#configuration(row))
  }

  #histogram(row: MetricRow): Histogram {
    return new Histogram({ ...this.#configuration(row), buckets: [...(row.buckets ?? [])] })
  }

  #configuration(row: MetricRow) {
    return { name: row.name, help: row.help, labelNames: row.labels, registers: [this.#registry] }
  }
}
