import type { Message, Notifier } from './notifier.ts'

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

/** Messages past the store that a channel may be behind with. */
const MOST_DIRECT = 50

/**
 * One channel at work: a message at a time. What it waits for is counted by the monotonic clock: the wall clock may be set
 * back, and a channel must not be silent for as long. Only what people read and what is stored goes by the wall clock.
 */
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
  /** For people, by the wall clock. */
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
    pausedUntil: -Infinity,
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

/** Puts a message that is not in the store last. */
export function addDirect({ direct, notifier }: Lane, message: Message, now: number): void {
  const { channel } = notifier
  const text = JSON.stringify(message)
  direct.push({ id: '', channel, kind: message.kind, created_at: now, tries: 1, message: text })
  forgetOldest(direct)
}

/** Takes over what the lane of before a reload did not get rid of, ahead of what came since. */
export function takeOverDirect({ direct }: Lane, before: Lane): void {
  direct.unshift(...before.direct.splice(0))
  forgetOldest(direct)
}

function forgetOldest(direct: Lane['direct']): void {
  direct.splice(0, direct.length - MOST_DIRECT)
}

/** It was sent or cannot be. It need not be the first any more: older ones may have come while it was under way. */
export function removeDirect({ direct }: Lane, waiting: Waiting): void {
  const at = direct.findIndex((each) => each === waiting)
  if (at >= 0) direct.splice(at, 1)
}

/** Resolves when it has nothing under way. */
export async function untilIdle(lane: Lane): Promise<void> {
  while (lane.running !== undefined) await lane.running
}
