import { setTimeout as sleep } from 'node:timers/promises'

import { type DrillOptions, type DrillParts, type DrillReport, runDrill } from './drill.ts'

/** Newest reports that are kept. */
const KEPT = 20

export interface DrillsOptions extends Omit<DrillParts, 'sleep'>, Pick<DrillOptions, 'patienceMs'> {
  readonly newId: (nowMs: number) => string
  /** A drill is over, however it went. */
  readonly onEnd: (report: DrillReport) => void
}

/** The drills of this process: one at a time, the newest ones remembered. */
export class Drills {
  readonly #options: DrillsOptions
  readonly #stop = new AbortController()
  #reports: readonly DrillReport[] = []
  #running: Promise<DrillReport> | undefined

  constructor(options: DrillsOptions) {
    this.#options = options
  }

  /** Starts one; gives the one that is under way when there is one. */
  start(startedBy: string): DrillReport {
    if (this.#running === undefined) void this.run(startedBy)
    const [newest] = this.#reports
    if (newest === undefined) throw new Error('a drill has no report')
    return newest
  }

  /** Starts one, or joins the one that is under way, and resolves with its result. */
  async run(startedBy: string): Promise<DrillReport> {
    this.#running ??= this.#run(startedBy).finally(() => (this.#running = undefined))
    return this.#running
  }

  /** Newest first. */
  list(): readonly DrillReport[] {
    return this.#reports
  }

  get(id: string): DrillReport | undefined {
    return this.#reports.find((report) => report.id === id)
  }

  /** Breaks off what is under way and waits until its route is gone. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('the daemon is stopping'))
    await this.#running
  }

  async #run(startedBy: string): Promise<DrillReport> {
    const { clock, newId, patienceMs, onEnd } = this.#options
    const { signal } = this.#stop
    const pause = async (ms: number): Promise<void> => {
      await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
    const report = await runDrill(
      { ...this.#options, sleep: pause },
      { id: newId(clock.wall()), startedBy, patienceMs, onProgress: (each) => this.#keep(each) },
    )
    onEnd(report)
    return report
  }

  #keep(report: DrillReport): void {
    this.#reports = [report, ...this.#reports.filter(({ id }) => id !== report.id)].slice(0, KEPT)
  }
}
