import type { Notifier } from './notifier.ts'

/** A message that waits in the store; see ledger/alert-store.ts, whose NotificationStore fits. */
export interface Waiting {
  readonly id: string
  readonly channel: string
  readonly kind: string
  readonly created_at: number
  /** This one included. */
  readonly tries: number
  /** A Message as JSON. */
  readonly message: string
}

/** One channel at work: a message at a time. */
export interface Lane {
  readonly notifier: Notifier
  pausedUntil: number
  /** When messages left lately, as far back as the cap looks. */
  sentAt: readonly number[]
  /** When the last digest was put together. */
  digestAt: number
  /** Since when more wait than may leave one by one; undefined when they do not. */
  crowdedSince: number | undefined
  failures: number
  lastSentAt: number | undefined
  lastError: string
  /** Messages that are not in the store, oldest first. */
  readonly direct: (Waiting & { tries: number })[]
  /** Writes what the last try came to, while the store has not taken it. */
  unrecorded: (() => Promise<void>) | undefined
  running: Promise<void> | undefined
  /** Something was put in while it ran. */
  isAsked: boolean
}

export function newLane(notifier: Notifier): Lane {
  return {
    notifier,
    pausedUntil: 0,
    sentAt: [],
    digestAt: -Infinity,
    crowdedSince: undefined,
    failures: 0,
    lastSentAt: undefined,
    lastError: '',
    direct: [],
    unrecorded: undefined,
    running: undefined,
    isAsked: false,
  }
}
