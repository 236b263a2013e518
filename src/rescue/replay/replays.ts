import type { HeaderText } from '../../callback/header-text.ts'
import type { Attempt } from '../../callback/attempt.ts'
import type { Exchange } from '../../callback/callback.ts'
import type { Route } from '../../callback/route.ts'
import type { Clock } from '../../clock.ts'
import { RingbackError } from '../../errors.ts'
import type { Forwarder } from '../../forward/forward.ts'
import type { ReplayReport, ReplayState, ReplayStore } from '../../ledger/replay-store.ts'
import type { KeptExchange } from '../../ledger/rescue-queue.ts'
import type { Recorder } from '../../record.ts'
import { lateDelivery } from '../late-delivery.ts'
import { itemOf, MOST_ITEMS, type Replayed, ReplayJob, reportOf } from './replay-job.ts'
import { bytesOf, membersOf, type ReplaySelection, type SetSources } from './replay-set.ts'

export interface ReplayRequest extends ReplaySelection {
  readonly rate: number
  readonly abortAfter: number
  readonly reason: string
}

export interface ReplaysParts extends SetSources {
  readonly store: ReplayStore
  readonly clock: Clock
  readonly newId: (nowMs: number) => string
  readonly forwarder: Forwarder
  readonly recorder: Recorder
  readonly routeOf: (kept: KeptExchange) => Route | undefined
  /** The headers of a request with its signature made afresh, where it carries the time and the secret is known. */
  readonly signAfresh: (exchange: Exchange) => HeaderText
  readonly onProblem: (error: unknown) => void
}

const BUDGET_MS = 10_000

/** A replay as people see it. Names as in the admin API. */
export type ReplayView = Omit<ReplayReport, 'state'> & { readonly state: ReplayState | 'planned' }

/** Replays: sets of callbacks that people have brought to their handlers once more. All that is said of them is in the ledger. */
export class Replays {
  readonly #parts: ReplaysParts
  /** Those that run. */
  readonly #jobs = new Map<string, { readonly job: ReplayJob; readonly ended: Promise<void> }>()
  /** Under way in any of the jobs. */
  readonly #busy = new Set<string>()
  #isClosed = false

  constructor(parts: ReplaysParts) {
    this.#parts = parts
  }

  /** Before the first replay: says of those that a crash cut off that they were. */
  async open(): Promise<void> {
    await this.#parts.store.interrupt(this.#parts.clock.wall())
  }

  /** What would happen, and nothing else. @throws RingbackError `not_found` for an unknown incident */
  async plan(request: ReplayRequest): Promise<ReplayView> {
    const items = (await this.#members(request)).map(itemOf)
    const { reason } = request
    const plan = reportOf(
      { id: '', state: 'running', reason, created_at: this.#parts.clock.wall(), ended_at: null },
      items,
    )
    return { ...plan, state: 'planned' }
  }

  /** Starts it and resolves with how it stands. @throws RingbackError `not_found` for an unknown incident */
  async start(request: ReplayRequest): Promise<ReplayView> {
    const members = await this.#members(request)
    const { clock, newId, store, onProblem } = this.#parts
    const createdAt = clock.wall()
    const { rate, abortAfter, reason } = request
    const mark = request.incident ?? newId(createdAt)
    const id = newId(createdAt)
    const job = new ReplayJob({ id, rate, abortAfter, reason, createdAt }, members, {
      deliver: async (callback) => this.#deliver(callback, mark),
      nowMs: () => clock.wall(),
      change: async (changes) => store.change(id, changes),
      onProblem,
    })
    await store.begin(viewOf(job), job.items)
    if (this.#isClosed) job.stop('interrupted')
    this.#jobs.set(id, { job, ended: this.#run(job) })
    return viewOf(job)
  }

  async list(): Promise<readonly ReplayView[]> {
    return this.#parts.store.list()
  }

  async get(id: string): Promise<ReplayView | undefined> {
    const running = this.#jobs.get(id)
    return running === undefined ? this.#parts.store.get(id, MOST_ITEMS) : viewOf(running.job)
  }

  /** Ends it after what is under way; undefined when there is none with this id. */
  async cancel(id: string): Promise<ReplayView | undefined> {
    this.#jobs.get(id)?.job.stop('cancelled')
    return this.get(id)
  }

  /** What runs ends as `interrupted`, after what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    const running = [...this.#jobs.values()]
    for (const { job } of running) job.stop('interrupted')
    await Promise.all(running.map(({ ended }) => ended))
  }

  async #run(job: ReplayJob): Promise<void> {
    const { store, onProblem } = this.#parts
    await job.run()
    const { id } = job.options
    try {
      await store.end(id, job.state, job.endedAt ?? job.options.createdAt)
      this.#jobs.delete(id)
    } catch (error) {
      onProblem(error) // it stays in memory as it ended; a later start calls it interrupted
    }
  }

  async #members(request: ReplayRequest) {
    const members = await membersOf(request, this.#parts)
    if (members !== undefined) return members
    throw new RingbackError(
      'not_found',
      `No incident has the id ${request.incident ?? ''}; it may have been pruned.`,
    )
  }

  async #deliver(id: string, mark: string): Promise<{ state: Replayed; attempt: Attempt | undefined }> {
    if (this.#busy.has(id)) return { state: 'under_way', attempt: undefined }
    this.#busy.add(id)
    try {
      return await this.#send(id, mark)
    } catch (error) {
      this.#parts.onProblem(error)
      return { state: 'failed', attempt: undefined }
    } finally {
      this.#busy.delete(id)
    }
  }

  async #send(id: string, mark: string): Promise<{ state: Replayed; attempt: Attempt | undefined }> {
    const { forwarder, recorder, routeOf, signAfresh } = this.#parts
    const kept = await bytesOf(id, this.#parts)
    if (kept === undefined) return { state: 'bytes_not_kept', attempt: undefined }
    const route = routeOf(kept)
    if (route === undefined) return { state: 'no_route', attempt: undefined }
    const arrived: Exchange = { ...kept, route }
    const exchange = { ...arrived, callback: { ...kept.callback, headers: signAfresh(arrived) } }
    const received = new Date(kept.callback.receivedAt).toISOString()
    const { attempts, success } = await forwarder.forward(exchange, {
      via: 'replay',
      firstNumber: kept.attempts + 1,
      budgetMs: BUDGET_MS,
      headers: ['X-Ringback-Received', received, 'X-Ringback-Replay', mark],
    })
    for (const attempt of attempts) recorder.attempted(exchange, attempt)
    if (success === undefined) return { state: 'failed', attempt: attempts.at(-1) }
    if (!(await this.#wasDelivered(id)))
      await recorder.ended(exchange, lateDelivery('delivered_late', 'ok', undefined))
    return { state: 'delivered', attempt: success }
  }

  /** Then nothing became of it anew. */
  async #wasDelivered(id: string): Promise<boolean> {
    const result = (await this.#parts.reader.callback(id))?.result
    return result === 'delivered' || result === 'delivered_late'
  }
}

function viewOf(job: ReplayJob): ReplayReport {
  const { id, reason, createdAt } = job.options
  const { state, endedAt } = job
  return reportOf({ id, state, reason, created_at: createdAt, ended_at: endedAt }, job.items)
}
