import type { Attempt } from '../../callback/attempt.ts'
import type { Exchange } from '../../callback/callback.ts'
import type { Route } from '../../callback/route.ts'
import type { Clock } from '../../clock.ts'
import { RingbackError } from '../../errors.ts'
import type { Forwarder } from '../../forward/forward.ts'
import type { KeptExchange } from '../../ledger/rescue-queue.ts'
import type { Recorder } from '../../record.ts'
import { lateDelivery } from '../late-delivery.ts'
import { itemOf, type Replayed, ReplayJob, type ReplayItem, type ReplayState } from './replay-job.ts'
import { bytesOf, membersOf, type ReplaySelection, type SetSources } from './replay-set.ts'

export interface ReplayRequest extends ReplaySelection {
  readonly rate: number
  readonly abortAfter: number
  readonly reason: string
}

export interface ReplaysParts extends SetSources {
  readonly clock: Clock
  readonly newId: (nowMs: number) => string
  readonly forwarder: Forwarder
  readonly recorder: Recorder
  readonly routeOf: (kept: KeptExchange) => Route | undefined
  /** The headers of a request with its signature made afresh, where it carries the time and the secret is known. */
  readonly signAfresh: (exchange: Exchange) => readonly string[]
  readonly onProblem: (error: unknown) => void
}

/** A replay as people see it. Names as in the admin API. */
export interface ReplayReport {
  readonly id: string
  readonly state: ReplayState | 'planned'
  readonly reason: string
  readonly created_at: number
  readonly ended_at: number | null
  readonly total: number
  /** How many are in each state: `left`, `delivered`, `failed`, or why they are skipped. They add up to `total`. */
  readonly counts: Readonly<Record<string, number>>
  /** Arrival of the oldest and the newest that is, or was, to be sent; null when there is none. */
  readonly oldest_at: number | null
  readonly newest_at: number | null
  /** In order of arrival, at most the first 1000. */
  readonly items: readonly ReplayItem[]
}

const BUDGET_MS = 10_000
const MOST_REMEMBERED = 50
const MOST_ITEMS = 1000
const sendable: ReadonlySet<string> = new Set(['left', 'delivered', 'failed'])

/** Replays: sets of callbacks that people have brought to their handlers once more. Kept in memory; attempts are in the ledger. */
export class Replays {
  readonly #parts: ReplaysParts
  readonly #jobs = new Map<string, ReplayJob>()
  readonly #running = new Set<Promise<void>>()
  /** Under way in any of the jobs. */
  readonly #busy = new Set<string>()
  #isClosed = false

  constructor(parts: ReplaysParts) {
    this.#parts = parts
  }

  /** What would happen, and nothing else. @throws RingbackError `not_found` for an unknown incident */
  async plan(request: ReplayRequest): Promise<ReplayReport> {
    const items = (await this.#members(request)).map(itemOf)
    const counts: Record<string, number> = {}
    for (const { state } of items) counts[state] = (counts[state] ?? 0) + 1
    const createdAt = this.#parts.clock.wall()
    return report(
      { id: '', state: 'planned', reason: request.reason, createdAt, endedAt: null },
      { items, counts },
    )
  }

  /** Starts it and resolves with how it stands. @throws RingbackError `not_found` for an unknown incident */
  async start(request: ReplayRequest): Promise<ReplayReport> {
    const members = await this.#members(request)
    if (this.#isClosed) throw new RingbackError('not_allowed', 'The daemon is stopping.')
    const { clock, newId } = this.#parts
    const createdAt = clock.wall()
    const { rate, abortAfter, reason } = request
    const mark = request.incident ?? newId(createdAt)
    const options = { id: newId(createdAt), rate, abortAfter, reason, createdAt }
    const job = new ReplayJob(options, members, {
      deliver: async (id) => this.#deliver(id, mark),
      nowMs: () => clock.wall(),
    })
    this.#remember(job)
    const run = job.run()
    this.#running.add(run)
    void run.finally(() => this.#running.delete(run))
    return reportOf(job)
  }

  list(): readonly ReplayReport[] {
    return [...this.#jobs.values()].toReversed().map(reportOf)
  }

  get(id: string): ReplayReport | undefined {
    const job = this.#jobs.get(id)
    return job && reportOf(job)
  }

  /** Ends it after what is under way; undefined when there is none with this id. */
  cancel(id: string): ReplayReport | undefined {
    const job = this.#jobs.get(id)
    job?.cancel()
    return job && reportOf(job)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const job of this.#jobs.values()) job.cancel()
    await Promise.all(this.#running)
  }

  async #members(request: ReplayRequest) {
    const members = await membersOf(request, this.#parts)
    if (members !== undefined) return members
    throw new RingbackError(
      'not_found',
      `No incident has the id ${request.incident ?? ''}; it may have been pruned.`,
    )
  }

  #remember(job: ReplayJob): void {
    this.#jobs.set(job.options.id, job)
    for (const [id, { state }] of this.#jobs) {
      if (this.#jobs.size <= MOST_REMEMBERED) return
      if (state !== 'running') this.#jobs.delete(id)
    }
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
    const exchange = { ...arrived, callback: { ...kept.callback, rawHeaders: signAfresh(arrived) } }
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

function reportOf(job: ReplayJob): ReplayReport {
  const { id, reason, createdAt } = job.options
  return report({ id, state: job.state, reason, createdAt, endedAt: job.endedAt }, job)
}

function report(
  of: Pick<ReplayReport, 'id' | 'state' | 'reason'> & { createdAt: number; endedAt: number | null },
  { items, counts }: Pick<ReplayReport, 'items' | 'counts'>,
): ReplayReport {
  const sent = items.filter(({ state }) => sendable.has(state))
  return {
    id: of.id,
    state: of.state,
    reason: of.reason,
    created_at: of.createdAt,
    ended_at: of.endedAt,
    total: items.length,
    counts,
    oldest_at: sent.at(0)?.received_at ?? null,
    newest_at: sent.at(-1)?.received_at ?? null,
    items: items.slice(0, MOST_ITEMS),
  }
}
