import { type DigestSettings, digestPlan } from './digest-plan.ts'
import type { Lane, Waiting } from './lane.ts'
import type { Message } from './notifier.ts'
import type { OutboxOptions } from './outbox-options.ts'

/** Messages that come together are gathered for so long before they are put into a digest. */
const GATHER_MS = 2000
/** Of more the rest follows in the next digest. */
const MOST_IN_DIGEST = 200

/** Takes what is to leave next: one message, or all that wait when there are more than people get one by one. */
export async function takeNext(
  lane: Lane,
  settings: DigestSettings | undefined,
  { clock, store }: Pick<OutboxOptions, 'clock' | 'store'>,
): Promise<readonly Waiting[]> {
  const { channel } = lane.notifier
  const now = clock.wall()
  const passed = clock.mono()
  const plan = digestPlan(lane, settings, passed)
  if (plan.isHeld) return []
  const isCrowded = plan.mayDigest && (await store.dueNotifications(channel, now)) > plan.room
  lane.crowdedSince = isCrowded ? (lane.crowdedSince ?? passed) : undefined
  // Of what breaks together not everything is in the outbox yet, and the next digest is a while away.
  if (lane.crowdedSince !== undefined && passed - lane.crowdedSince < GATHER_MS) return []
  const first = await store.takeNotification(channel, now)
  if (first === undefined || !isCrowded) return first === undefined ? [] : [first]
  lane.digestAt = passed
  return [first, ...(await store.takeNotifications(channel, now, MOST_IN_DIGEST - 1))]
}

/** Many messages as one: what people get of them. */
export function inOne(
  first: Waiting,
  waiting: readonly Waiting[],
  { clock, digestOf }: Pick<OutboxOptions, 'clock' | 'digestOf'>,
): Waiting {
  const messages = waiting.map(({ message }) => JSON.parse(message) as Message)
  const digest = digestOf?.(messages, clock.wall())
  return digest === undefined ? first : { ...first, kind: digest.kind, message: JSON.stringify(digest) }
}
