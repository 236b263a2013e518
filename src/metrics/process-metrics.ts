import { version as nodeVersion } from 'node:process'

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

import { type MetricRow, processTable } from './table.ts'

/** Known in advance, so that already the first failed notification shows as an increase. */
const channels = ['slack', 'email'] as const
const kinds = ['firing', 'reminder', 'resolved', 'summary'] as const
const results = ['sent', 'retry', 'failed'] as const

/** Values that are read when somebody scrapes. */
export interface ScrapeValues {
  readonly inFlight: number
  /** Milliseconds since the epoch, 0 for none. */
  readonly rescueOldestAt: number
  readonly outboxOldestAt: number
}

/** Metrics of the whole process, and Node's own: few series and rare events, held by prom-client. */
export class ProcessMetrics {
  readonly #registry = new Registry()
  readonly #ledgerWrites = this.#counter(processTable.ledgerWrites)
  readonly #ledgerCommit = this.#histogram(processTable.ledgerCommit)
  readonly #notifications = this.#counter(processTable.notifications)
  readonly #notificationDuration = this.#histogram(processTable.notificationDuration)
  readonly #reloadSuccessful = this.#gauge(processTable.reloadSuccessful)
  readonly #inFlight = this.#gauge(processTable.inFlight)
  readonly #rescueOldest = this.#gauge(processTable.rescueOldest)
  readonly #outboxOldest = this.#gauge(processTable.outboxOldest)

  constructor(version: string) {
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

  reloaded(ok: boolean): void {
    this.#reloadSuccessful.set(ok ? 1 : 0)
  }

  async text(values: ScrapeValues): Promise<string> {
    this.#inFlight.set(values.inFlight)
    this.#rescueOldest.set(values.rescueOldestAt / 1000)
    this.#outboxOldest.set(values.outboxOldestAt / 1000)
    return this.#registry.metrics()
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
