import type { Lane } from './lane.ts'

/** How many messages people get one by one, before the rest comes in digests. */
export interface DigestSettings {
  /** Messages that leave one by one within the time. */
  readonly above: number
  readonly withinMs: number
  /** Above that a digest leaves at most this often. */
  readonly everyMs: number
}

/**
 * Pure but for forgetting what is too old to count: may messages leave now, and how many one by one?
 *
 * `isHeld`: nothing leaves until the next digest may. `mayDigest`: when more wait than there is `room` for, all of them are
 * put into one. There is room for what is left of the cap, and at most for half of it at once: at one message a second the
 * last of a longer line would be told too late. Channels for machines have no cap.
 *
 * @param now by the monotonic clock, as the times of the lane
 */
export function digestPlan(
  lane: Lane,
  settings: DigestSettings | undefined,
  now: number,
): { readonly isHeld: boolean; readonly mayDigest: boolean; readonly room: number } {
  if (settings === undefined || lane.notifier.isForPeople !== true) {
    return { isHeld: false, mayDigest: false, room: Infinity }
  }
  lane.sentAt = lane.sentAt.filter((at) => now - at < settings.withinMs)
  const left = settings.above - lane.sentAt.length
  const mayDigest = now - lane.digestAt >= settings.everyMs
  return { isHeld: left <= 0 && !mayDigest, mayDigest, room: Math.min(left, Math.ceil(settings.above / 2)) }
}
