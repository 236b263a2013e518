import { RingbackError } from '../errors.ts'
import type { Backlog, DeadLetter, Requeued } from '../ledger/rescue-queue.ts'
import { type BacklogLimits, WaitingCalls } from './backlog.ts'
import { createDoor, type RescueDoor } from './door.ts'
import { RescueWorker, type WorkerParts, type WorkerSettings } from './worker.ts'

export interface RescueSettings extends WorkerSettings {
  readonly limits: BacklogLimits
}

export interface RescueParts extends Omit<WorkerParts, 'waiting' | 'held' | 'settings'> {
  readonly settings: () => RescueSettings
  /** Do replicas share the ledger? Then what they keep waiting is taken over again and again. */
  readonly isShared: boolean
}

/** Which dead letters are meant: these, or all of a route, or all. */
export interface DeadSelection {
  readonly ids?: readonly string[] | undefined
  readonly route?: string | undefined
}

/** What waits and what is dead on one route. */
export interface RescueLength {
  readonly route: string
  readonly length: number
  /** Arrival of the oldest that waits, milliseconds since the epoch. */
  readonly oldestAt: number
  readonly dead: number
}

/** Most dead letters that one request moves. */
const MOST_AT_ONCE = 10_000
const PAGE = 1000
/** The backlog is counted anew this often at most; and never for more than a fiftieth of the time. */
const COUNT_EVERY_MS = 1_000
const COUNT_SHARE = 50
/** Where replicas share the ledger, counting is also how one hears what others keep waiting. */
const SHARED_COUNT_SHARE = 10

/** Everything that has to do with callbacks that are delivered later. */
export class Rescue {
  readonly door: RescueDoor
  readonly #parts: RescueParts
  readonly #waiting = new WaitingCalls()
  readonly #worker: RescueWorker
  #counted: readonly Backlog[] = []
  #countAgainAt = 0
  #isCounting = false

  constructor(parts: RescueParts) {
    this.#parts = parts
    const { clock, random, settings } = parts
    const held = new Set<string>()
    this.#worker = new RescueWorker({ ...parts, waiting: this.#waiting, held })
    parts.recoveries.onRecovery = () => this.#worker.wake()
    this.door = createDoor({
      clock,
      random,
      waiting: this.#waiting,
      held,
      settings,
      wake: () => this.#worker.wake(),
    })
  }

  /** Takes up what waits in the ledger. Before the first callback is let in: from then on order depends on it. */
  async start(): Promise<void> {
    this.#waiting.restore(await this.#parts.queue.lanes())
    await this.#count()
    this.#worker.wake()
  }

  async close(): Promise<void> {
    await this.#worker.close()
  }

  /** Call about once a second. */
  tick(): void {
    const { clock, onProblem } = this.#parts
    if (this.#isCounting || clock.mono() < this.#countAgainAt) return
    this.#count().catch(onProblem)
  }

  /** By route: what waits as of now; ages and dead letters are a moment old. */
  lengths(): readonly RescueLength[] {
    const counted = new Map(this.#counted.map((row) => [row.route, row]))
    const routes = new Set([...counted.keys(), ...this.#waiting.routes()])
    return [...routes].map((route) => ({
      route,
      length: this.#waiting.lengthOf(route),
      oldestAt: counted.get(route)?.oldest_at ?? this.#parts.clock.wall(),
      dead: counted.get(route)?.dead ?? 0,
    }))
  }

  deadLetters(filter: {
    readonly route?: string | undefined
    readonly limit: number
    readonly after?: string | undefined
  }): Promise<readonly DeadLetter[]> {
    return this.#parts.queue.deadLetters(filter)
  }

  /** Puts dead letters back to wait, due now. Resolves with their ids. */
  async requeue(selection: DeadSelection, reason: string): Promise<readonly string[]> {
    const ids = await this.#select(selection)
    const { clock, queue } = this.#parts
    const requeued = await queue.requeue(ids, reason, clock.wall())
    for (const each of requeued) this.#entered(each)
    this.#worker.wake()
    await this.#count()
    return requeued.map(({ id }) => id)
  }

  /** Gives dead letters up for good: their bytes are deleted, their rows stay. Resolves with their ids. */
  async discard(selection: DeadSelection, reason: string): Promise<readonly string[]> {
    const gone = await this.#parts.queue.discard(await this.#select(selection), reason)
    await this.#count()
    return gone
  }

  async #select({ ids, route }: DeadSelection): Promise<readonly string[]> {
    if (ids !== undefined) return ids
    const found: string[] = []
    let after: string | undefined
    do {
      const page = await this.#parts.queue.deadLetters({ route, limit: PAGE, after })
      found.push(...page.map(({ id }) => id))
      after = page.length === PAGE ? found.at(-1) : undefined
    } while (after !== undefined && found.length <= MOST_AT_ONCE)
    if (found.length <= MOST_AT_ONCE) return found
    throw new RingbackError(
      'usage',
      `More than ${MOST_AT_ONCE} dead letters match; name a route, or ids, and do it in parts.`,
    )
  }

  #entered({ route, call_id: callId, bytes }: Requeued): void {
    this.#waiting.enter({ route, callId, bytes }, this.#parts.clock.wall())
  }

  async #count(): Promise<void> {
    const { clock, queue, isShared } = this.#parts
    this.#isCounting = true
    const startedAt = clock.mono()
    try {
      this.#counted = await queue.backlog()
      if (isShared) await this.#takeOver()
    } finally {
      this.#isCounting = false
      const now = clock.mono()
      this.#countAgainAt =
        now + Math.max(COUNT_EVERY_MS, (now - startedAt) * (isShared ? SHARED_COUNT_SHARE : COUNT_SHARE))
    }
  }

  /** What other replicas keep waiting, and what a dead one left: whoever has room delivers it. */
  async #takeOver(): Promise<void> {
    const mark = this.#waiting.mark()
    this.#waiting.replace(await this.#parts.queue.lanes(), mark)
    this.#worker.wake()
  }
}
