import type { Clock } from '../clock.ts'
import type { DigestSettings } from './digest-plan.ts'
import type { Heartbeat } from './heartbeat.ts'
import type { Waiting } from './lane.ts'
import type { Message, Notifier } from './notifier.ts'

/** The durable side of the outbox. */
export interface OutboxStore {
  takeNotification(channel: string, now: number): Promise<Waiting | undefined>
  dueNotifications(channel: string, now: number): Promise<number>
  takeNotifications(channel: string, now: number, limit: number): Promise<readonly Waiting[]>
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
  firingMessages(channel: string): Promise<readonly string[]>
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
  /** How many messages people get one by one; absent for any number. */
  readonly digest?: DigestSettings | undefined
  /** Called while all is well; absent for nobody. */
  readonly heartbeat?: Heartbeat | undefined
}

export interface OutboxOptions extends OutboxChannels {
  /** Puts many messages into one. */
  readonly digestOf?: (messages: readonly Message[], now: number) => Message
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
