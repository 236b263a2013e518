import { DRILL_ROUTE } from '../callback/route.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { IncidentRow, IncidentStore, NotificationRow, NotificationStore } from '../ledger/alert-store.ts'

/** How far one channel came in a drill. Times are milliseconds since the epoch, null while it has not happened. */
export interface DrillChannel {
  readonly channel: string
  readonly fired_at: number | null
  readonly resolved_at: number | null
  /** What it said last when it did not take a message; empty otherwise. */
  readonly problem: string
}

/** A drill under way or over. */
export interface DrillReport {
  readonly id: string
  readonly started_by: string
  readonly started_at: number
  readonly ended_at: number | null
  readonly state: 'firing' | 'resolving' | 'passed' | 'failed'
  /** Why it failed, in a sentence; empty otherwise. */
  readonly problem: string
  /** Of the incident that it made; empty before it fired. */
  readonly incident_id: string
  /** When the failure that had to fire was answered. */
  readonly failed_at: number | null
  /** When the success that had to resolve was answered. */
  readonly mended_at: number | null
  readonly channels: readonly DrillChannel[]
}

/** The route of the drill while it is in force, with the handler behind it. */
export interface DrillStage {
  /** Sends one synthetic callback through the public port; resolves with the status that the provider would see. */
  send(callId: string): Promise<number>
  /** The handler works from now on. */
  mend(): void
  /** Takes the route away again. */
  close(): Promise<void>
}

export interface DrillParts {
  readonly clock: Clock
  readonly openStage: () => Promise<DrillStage>
  readonly store: Pick<IncidentStore, 'incidents'> & Pick<NotificationStore, 'notifications'>
  /** Names of the channels that are told. */
  readonly channels: () => readonly string[]
  /** Failures that fire on the drill's route, and successes that resolve. */
  readonly thresholds: () => { readonly failures: number; readonly successes: number }
  readonly sleep: (ms: number) => Promise<void>
}

export interface DrillOptions {
  readonly id: string
  readonly startedBy: string
  /** Longest wait for every channel to take the firing, and again for the resolve. */
  readonly patienceMs: number
  /** Told of every step; the last report is the result. */
  readonly onProgress: (report: DrillReport) => void
}

const POLL_MS = 100
const MOST_MESSAGES = 1000

/**
 * Proves the whole way of an alert: failing callbacks come in through the public port, and every channel must accept
 * the firing and, once the handler is mended, the resolve. Resolves with the report, also when it failed.
 */
export async function runDrill(parts: DrillParts, options: DrillOptions): Promise<DrillReport> {
  const run = new Run(parts, options)
  try {
    await run.go()
  } catch (error) {
    run.fail(messageOf(error))
  }
  return run.report
}

class Run {
  readonly #parts: DrillParts
  readonly #options: DrillOptions
  /** Channels that refused the alert for good: nobody waits for them. */
  readonly #refused = new Set<string>()
  report: DrillReport

  constructor(parts: DrillParts, options: DrillOptions) {
    this.#parts = parts
    this.#options = options
    this.report = {
      id: options.id,
      started_by: options.startedBy,
      started_at: parts.clock.wall(),
      ended_at: null,
      state: 'firing',
      problem: '',
      incident_id: '',
      failed_at: null,
      mended_at: null,
      channels: parts
        .channels()
        .map((channel) => ({ channel, fired_at: null, resolved_at: null, problem: '' })),
    }
    options.onProgress(this.report)
  }

  async go(): Promise<void> {
    const { openStage, clock } = this.#parts
    const { failures, successes } = this.#parts.thresholds()
    if (this.report.channels.length === 0) throw new Error('no channel is configured, so nobody is told')
    const stage = await openStage()
    try {
      await this.#send(stage, failures, 503)
      this.#note({ failed_at: clock.wall() })
      await this.#until('firing', ({ fired_at }) => fired_at !== null)
      stage.mend()
      this.#note({ state: 'resolving' })
      await this.#send(stage, successes, 200)
      this.#note({ mended_at: clock.wall() })
      await this.#until('resolve', ({ fired_at, resolved_at }) => fired_at === null || resolved_at !== null)
    } finally {
      await stage.close()
    }
    const missed = this.report.channels.filter(({ resolved_at }) => resolved_at === null)
    if (missed.length > 0) throw new Error(missed.map(missedWords).join('; '))
    this.#note({ state: 'passed', ended_at: clock.wall() })
  }

  fail(problem: string): void {
    this.#note({ state: 'failed', ended_at: this.#parts.clock.wall(), problem })
  }

  async #send(stage: DrillStage, count: number, expected: number): Promise<void> {
    for (let n = 1; n <= count; n++) {
      const status = await stage.send(`drill-${this.#options.id}-${expected}-${n}`)
      if (status === expected) continue
      throw new Error(`the public port answered ${status} to a drill callback instead of ${expected}`)
    }
  }

  /** Looks at the outbox until every channel is done or patience ends. */
  async #until(what: string, isDone: (channel: DrillChannel) => boolean): Promise<void> {
    const { clock, sleep } = this.#parts
    const endsAt = clock.mono() + this.#options.patienceMs
    while (clock.mono() < endsAt) {
      await this.#look()
      if (this.report.incident_id !== '' && this.#isOver(isDone)) return
      await sleep(POLL_MS)
    }
    if (this.report.incident_id === '') throw new Error(`no ${what}: the engine opened no incident`)
  }

  #isOver(isDone: (channel: DrillChannel) => boolean): boolean {
    return this.report.channels.every((each) => isDone(each) || this.#refused.has(each.channel))
  }

  async #look(): Promise<void> {
    const { store } = this.#parts
    const { started_at, incident_id } = this.report
    const id = incident_id === '' ? (await this.#incident())?.id : incident_id
    if (id === undefined) return
    const rows = await store.notifications({ incident_id: id, limit: MOST_MESSAGES })
    for (const { kind, state, channel } of rows) {
      if (kind === 'firing' && state === 'failed') this.#refused.add(channel)
    }
    const channels = this.report.channels.map((each) => progressOf(each, rows, started_at))
    this.#note({ incident_id: id, channels })
  }

  async #incident(): Promise<IncidentRow | undefined> {
    const since = this.report.started_at
    const found = await this.#parts.store.incidents({ route: DRILL_ROUTE, since, limit: 1 })
    return found.find(({ opened_at }) => opened_at >= since)
  }

  #note(change: Partial<DrillReport>): void {
    this.report = { ...this.report, ...change }
    this.#options.onProgress(this.report)
  }
}

function progressOf(before: DrillChannel, rows: readonly NotificationRow[], startedAt: number): DrillChannel {
  const own = rows.filter(({ channel, created_at }) => channel === before.channel && created_at >= startedAt)
  const sentAt = (kind: NotificationRow['kind']): number | null =>
    own.find((row) => row.kind === kind && row.state === 'sent')?.sent_at ?? null
  const troubled = own.find(({ state, last_error }) => state !== 'sent' && last_error !== '')
  return {
    channel: before.channel,
    fired_at: sentAt('firing'),
    resolved_at: sentAt('resolved'),
    problem: troubled?.last_error ?? '',
  }
}

function missedWords({ channel, fired_at, problem }: DrillChannel): string {
  const what = fired_at === null ? 'the alert' : 'its end'
  return `${channel} did not accept ${what}${problem === '' ? ' in time' : ` (${problem})`}`
}
