import type { Delivery } from '../callback/attempt.ts'
import type { Exchange } from '../callback/callback.ts'
import type { Forwarded } from '../forward/forward.ts'
import type { Leased, Taken, Wanted } from '../ledger/rescue-queue.ts'
import { Alarm } from './alarm.ts'
import { InHand, type InHandItem } from './in-hand.ts'
import { lateDelivery } from './late-delivery.ts'
import { lostRoute } from './lost-route.ts'
import { Pace } from './pace.ts'
import { fateOf } from './schedule.ts'
import { sizeOf } from './size.ts'
import { wantedNow } from './wanted.ts'
import type { WorkerParts } from './worker-parts.ts'

export type { WorkerParts, WorkerSettings } from './worker-parts.ts'

/** Time for all targets of one callback. Longer than the provider waits: nobody does here. */
const BUDGET_MS = 10_000
const LEASE_MS = 30_000
/** Nothing is begun under an older lease: with the time for all targets, and some for the commit, it would run out. */
const BEGIN_WITHIN_MS = 15_000
/** Even when nothing is due: callbacks that waited behind others for too long are let go. */
const LONGEST_SLEEP_MS = 30_000
const AFTER_PROBLEM_MS = 1_000
/** After this time one is looked for again that is being delivered elsewhere; mostly it waits no more then. */
const HELD_MS = 1_000

/** The callbacks that were taken for one target, in order. */
interface Line {
  readonly pace: Pace
  readonly items: Item[]
  timer: NodeJS.Timeout | undefined
}

interface Item extends InHandItem {
  readonly exchange: Exchange
}

/** Delivers what waits: takes due callbacks under leases and brings them to their targets, each target at its pace. */
export class RescueWorker {
  readonly #parts: WorkerParts
  readonly #lines = new Map<string, Line>()
  readonly #inHand = new InHand()
  #underWay = 0
  #taking: Promise<void> | undefined
  #mustTakeAgain = false
  readonly #alarm: Alarm
  #isClosed = false
  #onIdle: (() => void) | undefined

  constructor(parts: WorkerParts) {
    this.#parts = parts
    this.#alarm = new Alarm(parts.clock, () => this.wake())
  }

  /** Something may be due. */
  wake(): void {
    if (this.#isClosed) return
    if (this.#taking !== undefined) {
      this.#mustTakeAgain = true
      return
    }
    this.#taking = this.#take().finally(() => {
      this.#taking = undefined
      if (this.#mustTakeAgain) this.wake()
    })
  }

  /** Starts no attempt any more, gives back what was not begun, and waits for what is under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#alarm.stop()
    await this.#taking
    const unbegun = [...this.#lines.values()].flatMap(({ items, timer }) => {
      clearTimeout(timer)
      return items.splice(0)
    })
    await this.#giveBack(unbegun, this.#parts.clock.wall())
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve
    })
    if (this.#underWay > 0) await idle
  }

  async #take(): Promise<void> {
    do {
      this.#mustTakeAgain = false
      const wanted = wantedNow(this.#parts, this.#inHand, this.#alarm)
      if (wanted.length === 0) break
      await this.#takeOnce(wanted)
    } while (this.#goesOn())
  }

  #goesOn(): boolean {
    return this.#mustTakeAgain && !this.#isClosed
  }

  async #takeOnce(wanted: readonly Wanted[]): Promise<void> {
    const { queue, clock, settings, onProblem } = this.#parts
    try {
      const { orderWaitMs } = settings()
      const askedAt = clock.mono()
      const taken = await queue.take({ nowMs: clock.wall(), leaseMs: LEASE_MS, orderWaitMs, wanted })
      this.#note(wanted, taken)
      for (const leased of taken.leased) this.#accept(leased, askedAt)
      this.#sleep(taken.nextDueAt)
    } catch (error) {
      onProblem(error)
      this.#alarm.within(AFTER_PROBLEM_MS)
    }
    for (const line of this.#lines.values()) this.#start(line)
  }

  #note(wanted: readonly Wanted[], { leased }: Taken): void {
    for (const { route, limit, triedBefore } of wanted) {
      const count = leased.filter(({ kept }) => kept.route === route).length
      if (triedBefore !== undefined && count === 0) this.#parts.recoveries.caughtUp(route)
      if (count === limit) this.#mustTakeAgain = true
    }
  }

  #accept(leased: Leased, leasedAt: number): void {
    if (this.#inHand.renew(leased, leasedAt)) return
    const { kept } = leased
    const taken: InHandItem = { keptRoute: kept.route, leased, leasedAt }
    this.#inHand.add(taken)
    if (this.#parts.held.has(kept.callback.id)) {
      void this.#giveBack([taken], this.#parts.clock.wall() + HELD_MS)
      return
    }
    const route = this.#parts.routeOf(kept)
    if (route === undefined) {
      this.#bury(taken)
      return
    }
    const { origin } = route.targets[0]
    let line = this.#lines.get(origin)
    if (line === undefined) {
      line = { pace: new Pace(this.#parts.clock, this.#parts.settings), items: [], timer: undefined }
      this.#lines.set(origin, line)
    }
    line.items.push(Object.assign(taken, { exchange: { ...kept, route } }))
  }

  #start(line: Line): void {
    clearTimeout(line.timer)
    while (line.items.length > 0 && !this.#isClosed) {
      const { waitMs } = line.pace
      if (waitMs > 0) {
        if (Number.isFinite(waitMs)) line.timer = setTimeout(() => this.#start(line), waitMs)
        return
      }
      const item = line.items.shift()
      if (item === undefined || this.#isSkipped(line, item)) return
      if (this.#parts.clock.mono() - item.leasedAt > BEGIN_WITHIN_MS) {
        this.#leaseAnew([item, ...line.items.splice(0)])
        return
      }
      line.pace.start()
      void this.#deliver(item, line)
    }
  }

  /** They stood in line for too long. */
  #leaseAnew(items: readonly Item[]): void {
    void this.#giveBack(items, this.#parts.clock.wall()).then(() => this.wake())
  }

  /** Its targets were given up meanwhile: all that was taken for them goes back until the next probe. */
  #isSkipped(line: Line, item: Item): boolean {
    const { clock, skippedUntil } = this.#parts
    const waitMs = (skippedUntil(item.keptRoute) ?? 0) - clock.mono()
    if (waitMs <= 0) return false
    void this.#giveBack([item, ...line.items.splice(0)], clock.wall() + waitMs)
    this.#alarm.within(waitMs)
    return true
  }

  async #deliver(item: Item, line: Line): Promise<void> {
    const { forwarder, onProblem } = this.#parts
    this.#underWay++
    try {
      const { kept } = item.leased
      const forwarded = await forwarder.forward(item.exchange, {
        via: 'rescue',
        firstNumber: kept.attempts + 1,
        budgetMs: BUDGET_MS,
        headers: ['X-Ringback-Received', new Date(kept.callback.receivedAt).toISOString()],
      })
      await this.#settle(item, forwarded)
    } catch (error) {
      onProblem(error) // the lease runs out, and it is tried again
      this.#inHand.letGo(item)
    } finally {
      this.#underWay--
      line.pace.end()
      this.#start(line)
      this.wake()
      if (this.#underWay === 0) this.#onIdle?.()
    }
  }

  async #settle(item: Item, { attempts, success }: Forwarded): Promise<void> {
    const { recorder, clock, random, settings } = this.#parts
    const { exchange, leased } = item
    if (success === undefined && attempts.every(({ outcome }) => outcome === 'circuit_open')) {
      await this.#giveBack([item], clock.wall() + this.#waitOf(item))
      return
    }
    for (const attempt of attempts) recorder.attempted(exchange, attempt)
    if (success !== undefined) {
      this.#end(item, lateDelivery('delivered_late', 'ok', leased.fence))
      return
    }
    const step = leased.kept.attempts === 0 ? leased.retries : leased.retries + 1
    const fate = fateOf(attempts, {
      schedule: settings().schedule,
      step,
      nowMs: clock.wall(),
      random: random(),
    })
    const delivery = lateDelivery(fate.result, attempts.at(-1)?.outcome, leased.fence)
    if (fate.result === 'dead') {
      this.#end(item, delivery)
      return
    }
    recorder.postponed(exchange, { ...delivery, dueAt: fate.dueAt })
    this.#inHand.letGo(item)
  }

  /** It waits no more. Counted as waiting until that is on disk, so that nothing of its call overtakes it in a crash. */
  #end(item: Item, delivery: Delivery): void {
    const { exchange, keptRoute, leased } = item
    const { recorder, waiting, recoveries } = this.#parts
    void recorder.ended(exchange, delivery).then(() => {
      const bytes = sizeOf(leased.kept)
      waiting.leave({ route: keptRoute, callId: leased.kept.facts.callId, bytes })
      if (waiting.lengthOf(keptRoute) === 0) recoveries.emptied(keptRoute)
    })
    this.#inHand.letGo(item)
  }

  /** No route takes it any more; people may requeue it when one does. */
  #bury(taken: InHandItem): void {
    const { kept } = taken.leased
    this.#parts.onProblem(new Error(`no route takes the rescued callback ${kept.callback.id} any more`))
    this.#end(Object.assign(taken, { exchange: { ...kept, route: lostRoute(kept.route) } }), {
      ...lateDelivery('dead', undefined, taken.leased.fence),
      blame: 'config',
    })
  }

  async #giveBack(items: readonly InHandItem[], dueAt: number): Promise<void> {
    for (const item of items) this.#inHand.letGo(item)
    if (items.length === 0) return
    const dueMs = Math.ceil(dueAt) // waits come from the monotonic clock, which counts fractions of a millisecond
    const leases = items.map(({ leased: { kept, fence } }) => ({ id: kept.callback.id, fence, dueAt: dueMs }))
    await this.#parts.queue.release(leases).catch(this.#parts.onProblem)
  }

  #waitOf({ keptRoute }: Item): number {
    const { clock, skippedUntil } = this.#parts
    return Math.max(AFTER_PROBLEM_MS, (skippedUntil(keptRoute) ?? 0) - clock.mono())
  }

  #sleep(nextDueAt: number | undefined): void {
    if (nextDueAt !== undefined) this.#alarm.within(nextDueAt - this.#parts.clock.wall())
    if (this.#parts.waiting.rows > 0) this.#alarm.within(LONGEST_SLEEP_MS)
  }
}
