import type { Waiting } from './lane.ts'
import type { NotifyError } from './notifier.ts'
import type { OutboxChannels } from './outbox-options.ts'
import { nextTryAt } from './retry-plan.ts'

interface Moment {
  readonly now: number
  readonly random: () => number
}

/** Pure: what becomes of a message that a channel did not take, and whether another channel stands in. */
export function failurePlan(
  waiting: Waiting,
  error: NotifyError,
  { fallback, ...moment }: Moment & Pick<OutboxChannels, 'fallback'>,
) {
  const retryAt = error.isPermanent ? undefined : nextTryAt(waiting, error.retryAfterMs, moment)
  const needsStandIn =
    fallback !== undefined &&
    fallback.channel !== waiting.channel &&
    (retryAt === undefined || waiting.tries >= fallback.afterFailures)
  return {
    at: moment.now,
    error: error.message,
    retry_at: retryAt ?? null,
    fallback_channel: needsStandIn ? fallback.channel : '',
  }
}

/** Pure: until when a channel rests after so many failed tries, by the clock that `now` is of. */
export function pauseAfter(
  failures: number,
  error: NotifyError,
  { leastMs, ...moment }: Moment & { readonly leastMs: number },
): number {
  const { now } = moment
  if (error.isPermanent) return now + leastMs
  return nextTryAt({ tries: failures, created_at: now }, error.retryAfterMs, moment) ?? now
}
