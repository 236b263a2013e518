import { failurePlan } from './failure-plan.ts'
import {
  addDirect,
  type Lane,
  newLane,
  removeDirect,
  takeOverDirect,
  untilIdle,
  type Waiting,
} from './lane.ts'
import { inOne, takeNext } from './next-messages.ts'
import type { Message, NotifyError } from './notifier.ts'
import type { ChannelReply, ChannelState, OutboxChannels, OutboxOptions } from './outbox-options.ts'
import { sendOne, tryChannel } from './try-channel.ts'

/** Messages for channels that are gone are looked for so often, and seldom found. */
const SWEEP_EVERY_MS = 60_000

/**
 * Sends what waits in the store, each channel on its own, one message at a time: at least once, and as long as it
 * takes. It has no timer: call `tick` about once a second, and whenever something was put in.
 */
export class Outbox {
  readonly #options: OutboxOptions
  #lanes: readonly Lane[]
  /** Of before a reload: with something under way, or with a try that the store has not taken yet. */
  #leaving: readonly Lane[] = []
  #channels: OutboxChannels
  #sweptAt: number
  #sweeping: Promise<void> | undefined
  readonly #stop = new AbortController()

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#lanes = options.notifiers.map(newLane)
    this.#channels = options
    this.#sweptAt = options.clock.mono()
  }

  /** Makes due again what a crash left half sent. Call once, before the first tick. */
  async start(): Promise<void> {
    await this.#options.store.recoverNotifications(this.#names(), this.#options.clock.wall())
    await this.#resume(this.#lanes)
  }

  /** After a reload: what is under way is finished the old way, what waits for a channel that is gone has failed. */
  configure(channels: OutboxChannels): void {
    const before = this.#lanes
    this.#leaving = [...this.#leaving, ...before]
    this.#lanes = channels.notifiers.map(newLane)
    this.#channels = channels
    const handOver = async (): Promise<void> => {
      await Promise.all(before.map((lane) => this.#leave(lane)))
      await this.#resume(this.#lanes)
      await this.#failOthers() // last: it cannot be while the ledger takes no write, and is tried again
    }
    handOver().catch(this.#options.onProblem)
  }

  /** What is not in the store goes on through the new lane of the channel: nobody else knows of it. */
  async #leave(lane: Lane): Promise<void> {
    await untilIdle(lane)
    const next = this.#lanes.find(({ notifier }) => notifier.channel === lane.notifier.channel)
    if (next !== undefined && lane.direct.length > 0) {
      takeOverDirect(next, lane)
      this.#start(next)
    }
    await lane.notifier.close()
  }

  /**
   * Tells channels without the store, because it cannot be written: tried again while the process lives, and before
   * everything else.
   */
  tellPastStore(message: Message, channels: readonly string[]): void {
    for (const lane of this.#lanes) {
      if (channels.includes(lane.notifier.channel)) addDirect(lane, message, this.#options.clock.wall())
    }
    this.tick()
  }

  /** Starts what is due and returns at once. */
  tick(): void {
    if (this.#stop.signal.aborted) return
    this.#leaving = this.#leaving.filter(
      ({ running, unrecorded }) => running !== undefined || unrecorded !== undefined,
    )
    for (const lane of [...this.#lanes, ...this.#leaving]) this.#start(lane)
    const now = this.#options.clock.mono()
    if (now - this.#sweptAt >= SWEEP_EVERY_MS) {
      this.#sweptAt = now
      this.#sweeping ??= this.#failOthers()
        .catch(this.#options.onProblem)
        .finally(() => (this.#sweeping = undefined))
    }
  }

  /**
   * Some are put in after their channel went: the end of an incident is for whoever was told of it, whenever that was, and
   * a summary for whom the start knew. Nobody would take them, and they would count as messages that wait.
   */
  async #failOthers(): Promise<void> {
    await this.#options.store.failOtherChannels(this.#names(), this.#options.clock.wall())
  }

  #names(): readonly string[] {
    return this.#lanes.map(({ notifier }) => notifier.channel)
  }

  /** One that is at work looks once more: it may have looked just before something was put in. */
  #start(lane: Lane): void {
    if (this.#stop.signal.aborted) return
    if (lane.running !== undefined) {
      lane.isAsked = true
      return
    }
    lane.isAsked = false
    lane.running = this.#work(lane).finally(() => {
      lane.running = undefined
      if (lane.isAsked) this.#start(lane)
    })
  }

  /** Sends a message at once, past the store and its queue, and says what each channel made of it. */
  async test(message: Message, channel?: string): Promise<readonly ChannelReply[]> {
    const lanes = this.#lanes.filter(({ notifier }) => channel === undefined || notifier.channel === channel)
    return Promise.all(
      lanes.map(async ({ notifier }) => {
        const startedAt = this.#options.clock.mono()
        const { onProblem } = this.#options
        const said = await sendOne(notifier, JSON.stringify(message), {
          onProblem,
          signal: this.#stop.signal,
        })
        const ms = this.#options.clock.mono() - startedAt
        const isAccepted = typeof said === 'string'
        return {
          channel: notifier.channel,
          is_accepted: isAccepted,
          note: isAccepted ? said : said.message,
          ms,
        }
      }),
    )
  }

  /** Call about once a second. @param problem why the heartbeat must not go out; empty while all is well */
  beat(problem: string): void {
    if (!this.#stop.signal.aborted) this.#channels.heartbeat?.tick(this.#options.clock.mono(), problem)
  }

  channels(): readonly ChannelState[] {
    return this.#lanes.map(({ notifier, lastSentAt, failures, lastError }) => ({
      channel: notifier.channel,
      last_sent_at: lastSentAt,
      failures,
      last_error: lastError,
    }))
  }

  /** Resolves when every channel has nothing due or waits for its next try. */
  async idle(): Promise<void> {
    for (const lane of [...this.#lanes, ...this.#leaving]) await untilIdle(lane)
    await this.#sweeping
  }

  /** Breaks off what is being sent (it is tried again after the next start) and closes the channels. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.idle()
    await Promise.all(this.#lanes.map(({ notifier }) => notifier.close()))
  }

  async #work(lane: Lane): Promise<void> {
    const { clock, onProblem } = this.#options
    try {
      while (this.#isOpen(lane) && clock.mono() >= lane.pausedUntil && lane.direct.length > 0) {
        await this.#deliverDirect(lane)
      }
      await this.#record(lane)
      while (this.#isOpen(lane) && clock.mono() >= lane.pausedUntil) {
        const next = await takeNext(lane, this.#channels.digest, this.#options)
        if (next.length === 0) return
        await this.#deliver(lane, next)
      }
    } catch (error) {
      onProblem(error)
    }
  }

  #isOpen(lane: Lane): boolean {
    return !this.#stop.signal.aborted && this.#lanes.includes(lane)
  }

  /** Some channels forget what fires when they are made anew. */
  async #resume(lanes: readonly Lane[]): Promise<void> {
    for (const { notifier } of lanes) {
      if (notifier.resume === undefined) continue
      const told = await this.#options.store.firingMessages(notifier.channel)
      for (const message of told) notifier.resume(JSON.parse(message) as Message)
    }
  }

  async #deliver(lane: Lane, waiting: readonly Waiting[]): Promise<void> {
    const { store } = this.#options
    const [first] = waiting
    if (first === undefined) return
    const tried = await this.#try(lane, waiting.length === 1 ? first : inOne(first, waiting, this.#options))
    if (tried === undefined) return
    const { now, error } = tried
    const note = waiting.length === 1 ? tried.note : `in a digest of ${waiting.length}`
    lane.unrecorded = async () => {
      for (const each of waiting) {
        if (error === undefined) await store.notificationSent(each.id, now, note)
        else await store.notificationFailed(each.id, this.#failureOf(each, error, now))
      }
    }
    await this.#record(lane)
  }

  /** The first of the messages that are not in the store; it stays until it was sent or cannot be. */
  async #deliverDirect(lane: Lane): Promise<void> {
    const [waiting] = lane.direct
    if (waiting === undefined) return
    const tried = await this.#try(lane, waiting)
    if (tried === undefined) return
    const { error, now } = tried
    if (error !== undefined && this.#failureOf(waiting, error, now).retry_at !== null) waiting.tries += 1
    else removeDirect(lane, waiting)
  }

  async #try(lane: Lane, waiting: Waiting) {
    const { fallback } = this.#channels
    return tryChannel(lane, waiting, { ...this.#options, fallback, signal: this.#stop.signal })
  }

  #failureOf(waiting: Waiting, error: NotifyError, now: number) {
    const { random } = this.#options
    return failurePlan(waiting, error, { now, random, fallback: this.#channels.fallback })
  }

  /** What a try came to must reach the store before the next message is taken, or this one would be sent again. */
  async #record(lane: Lane): Promise<void> {
    await lane.unrecorded?.()
    lane.unrecorded = undefined
  }
}
