import type { Clock } from '../clock.ts'
import { type Message, type Notifier, NotifyError } from './notifier.ts'
import { type Lane, newLane, type Waiting } from './lane.ts'
import { nextTryAt } from './retry-plan.ts'

/** The durable side of the outbox. */
interface OutboxStore {
  takeNotification(channel: string, now: number): Promise<Waiting | undefined>
  notificationSent(id: string, at: number, note: string): Promise<void>
  notificationFailed(
    id: string,
    failure: {
      readonly at: number
      readonly error: string
      readonly retry_at: number | null
      readonly fallback_channel: string
    },
  ): Promise<void>
  recoverNotifications(channels: readonly string[], now: number): Promise<void>
  failOtherChannels(channels: readonly string[], now: number): Promise<void>
}

/** sent: accepted; retry: to be tried again; failed: given up. A metric label. */
type NotifyResult = 'sent' | 'retry' | 'failed'

/** Where messages go; from the configuration. */
export interface OutboxChannels {
  readonly notifiers: readonly Notifier[]
  /** The channel that stands in when another one cannot deliver; undefined for none. */
  readonly fallback: { readonly afterFailures: number; readonly channel: string } | undefined
}

export interface OutboxOptions extends OutboxChannels {
  readonly clock: Clock
  /** Gives numbers in [0, 1). */
  readonly random: () => number
  readonly store: OutboxStore
  readonly onResult: (result: {
    readonly channel: string
    readonly kind: string
    readonly result: NotifyResult
    readonly seconds: number
    /** In words, empty when sent. */
    readonly problem: string
  }) => void
  /** The store failed; tried again with the next tick. */
  readonly onProblem: (error: unknown) => void
}

/** The state of a channel, for people. */
export interface ChannelState {
  readonly channel: string
  readonly last_sent_at: number | undefined
  /** Failed tries since the last success. */
  readonly failures: number
  /** Of the last try, or empty. */
  readonly last_error: string
}

/** What a channel said to one message. */
export interface ChannelReply {
  readonly channel: string
  readonly is_accepted: boolean
  /** The channel's remark, or why it did not take it. */
  readonly note: string
  readonly ms: number
}

/** Slack takes about one message a second; nobody reads faster. */
const PAUSE_MS = 1000
/** Messages past the store that a channel may be behind with. */
const MOST_DIRECT = 50

/**
 * Sends what waits in the store, each channel on its own, one message at a time: at least once, and as long as it
 * takes. It has no timer: call `tick` about once a second, and whenever something was put in.
 */
export class Outbox {
  readonly #options: OutboxOptions
  #lanes: readonly Lane[]
  #fallback: OutboxChannels['fallback']
  readonly #stop = new AbortController()

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#lanes = options.notifiers.map(newLane)
    this.#fallback = options.fallback
  }

  /** Makes due again what a crash left half sent. Call once, before the first tick. */
  async start(): Promise<void> {
    const channels = this.#lanes.map(({ notifier }) => notifier.channel)
    await this.#options.store.recoverNotifications(channels, this.#options.clock.wall())
  }

  /** After a reload: what is under way is finished the old way, what waits for a channel that is gone has failed. */
  configure({ notifiers, fallback }: OutboxChannels): void {
    const { clock, store, onProblem } = this.#options
    const before = this.#lanes
    this.#lanes = notifiers.map(newLane)
    this.#fallback = fallback
    const names = notifiers.map(({ channel }) => channel)
    const handOver = async (): Promise<void> => {
      for (const { running, notifier } of before) {
        await running
        await notifier.close()
      }
      await store.failOtherChannels(names, clock.wall())
    }
    handOver().catch(onProblem)
  }

  /**
   * Tells channels without the store, because it cannot be written: tried again while the process lives, and before
   * everything else.
   */
  tellPastStore(message: Message, channels: readonly string[]): void {
    for (const lane of this.#lanes) {
      if (!channels.includes(lane.notifier.channel)) continue
      lane.direct.push({
        id: '',
        channel: lane.notifier.channel,
        kind: message.kind,
        created_at: this.#options.clock.wall(),
        tries: 1,
        message: JSON.stringify(message),
      })
      if (lane.direct.length > MOST_DIRECT) lane.direct.shift()
    }
    this.tick()
  }

  /** Starts what is due and returns at once. */
  tick(): void {
    if (this.#stop.signal.aborted) return
    for (const lane of this.#lanes) {
      lane.running ??= this.#work(lane).finally(() => (lane.running = undefined))
    }
  }

  /** Sends a message at once, past the store and its queue, and says what each channel made of it. */
  async test(message: Message, channel?: string): Promise<readonly ChannelReply[]> {
    const lanes = this.#lanes.filter(({ notifier }) => channel === undefined || notifier.channel === channel)
    return Promise.all(
      lanes.map(async ({ notifier }) => {
        const startedAt = this.#options.clock.mono()
        const said = await this.#send(notifier, { message: JSON.stringify(message) })
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
    for (const { running } of this.#lanes) await running
  }

  /** Breaks off what is being sent (it is tried again after the next start) and closes the channels. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.idle()
    await Promise.all(this.#lanes.map(({ notifier }) => notifier.close()))
  }

  async #work(lane: Lane): Promise<void> {
    const { clock, store, onProblem } = this.#options
    try {
      while (this.#isOpen(lane) && clock.wall() >= lane.pausedUntil && lane.direct.length > 0) {
        await this.#deliverDirect(lane)
      }
      await this.#record(lane)
      while (this.#isOpen(lane) && clock.wall() >= lane.pausedUntil) {
        const next = await store.takeNotification(lane.notifier.channel, clock.wall())
        if (next === undefined) return
        await this.#deliver(lane, next)
      }
    } catch (error) {
      onProblem(error)
    }
  }

  #isOpen(lane: Lane): boolean {
    return !this.#stop.signal.aborted && this.#lanes.includes(lane)
  }

  async #deliver(lane: Lane, waiting: Waiting): Promise<void> {
    const { store } = this.#options
    const tried = await this.#try(lane, waiting)
    if (tried === undefined) return
    const { now, note, failure } = tried
    lane.unrecorded =
      failure === undefined
        ? () => store.notificationSent(waiting.id, now, note)
        : () => store.notificationFailed(waiting.id, failure)
    await this.#record(lane)
  }

  /** The first of the messages that are not in the store; it stays until it was sent or cannot be. */
  async #deliverDirect(lane: Lane): Promise<void> {
    const [waiting] = lane.direct
    if (waiting === undefined) return
    const tried = await this.#try(lane, waiting)
    if (tried === undefined) return
    if (typeof tried.failure?.retry_at === 'number') waiting.tries += 1
    else lane.direct.shift()
  }

  /** One try, told to the metrics and felt by the lane; undefined when our own stop broke it off. */
  async #try(lane: Lane, waiting: Waiting) {
    const { clock, onResult } = this.#options
    const { channel, kind } = waiting
    const startedAt = clock.mono()
    const outcome = await this.#send(lane.notifier, waiting)
    // Our own stop is not the channel's failure; the next start makes the message due again.
    if (outcome instanceof NotifyError && this.#stop.signal.aborted) return undefined
    const seconds = (clock.mono() - startedAt) / 1000
    const now = clock.wall()
    if (outcome instanceof NotifyError) {
      const failure = this.#failed({ lane, waiting, error: outcome, now })
      const result = failure.retry_at === null ? 'failed' : 'retry'
      onResult({ channel, kind, result, seconds, problem: outcome.message })
      return { now, note: '', failure }
    }
    Object.assign(lane, { failures: 0, lastError: outcome, lastSentAt: now, pausedUntil: now + PAUSE_MS })
    onResult({ channel, kind, result: 'sent', seconds, problem: '' })
    return { now, note: outcome, failure: undefined }
  }

  /** The channel's remark, or why it did not take the message. */
  async #send(notifier: Notifier, waiting: Pick<Waiting, 'message'>): Promise<string | NotifyError> {
    try {
      return await notifier.send(JSON.parse(waiting.message) as Message, this.#stop.signal)
    } catch (error) {
      if (error instanceof NotifyError) return error
      this.#options.onProblem(error)
      return new NotifyError('the channel failed unexpectedly', { isPermanent: false })
    }
  }

  #failed({ lane, waiting, error, now }: Failed) {
    const { random } = this.#options
    const fallback = this.#fallback
    lane.failures += 1
    lane.lastError = error.message
    // One try decides for the channel: while it is down, other messages would fail as well.
    const channelTry = { tries: lane.failures, created_at: now }
    lane.pausedUntil = error.isPermanent
      ? now + PAUSE_MS
      : (nextTryAt(channelTry, error.retryAfterMs, { now, random }) ?? now)
    const retryAt = error.isPermanent ? undefined : nextTryAt(waiting, error.retryAfterMs, { now, random })
    const needsStandIn =
      fallback !== undefined &&
      fallback.channel !== waiting.channel &&
      (retryAt === undefined || waiting.tries >= fallback.afterFailures)
    return {
      at: now,
      error: error.message,
      retry_at: retryAt ?? null,
      fallback_channel: needsStandIn ? fallback.channel : '',
    }
  }

  /** What a try came to must reach the store before the next message is taken, or this one would be sent again. */
  async #record(lane: Lane): Promise<void> {
    await lane.unrecorded?.()
    lane.unrecorded = undefined
  }
}

interface Failed {
  readonly lane: Lane
  readonly waiting: Waiting
  readonly error: NotifyError
  readonly now: number
}
