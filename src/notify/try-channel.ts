import { failurePlan, pauseAfter } from './failure-plan.ts'
import type { Lane, Waiting } from './lane.ts'
import { type Message, type Notifier, NotifyError } from './notifier.ts'
import type { OutboxChannels, OutboxOptions } from './outbox-options.ts'

/**
 * Slack takes about one message a second; nobody reads faster. A little less, so that the tick of each second finds the next
 * one due: with a whole second it would be every other tick.
 */
const PAUSE_MS = 900

interface Trying extends Pick<OutboxOptions, 'clock' | 'random' | 'onResult' | 'onProblem'> {
  readonly fallback: OutboxChannels['fallback']
  /** Our own stop. */
  readonly signal: AbortSignal
}

/** One try, told to the metrics and felt by the lane; undefined when our own stop broke it off. */
export async function tryChannel(lane: Lane, waiting: Waiting, trying: Trying) {
  const { clock, random, fallback, onResult, signal } = trying
  const { channel, kind } = waiting
  const startedAt = clock.mono()
  const outcome = await sendOne(lane.notifier, waiting.message, trying)
  // Our own stop is not the channel's failure; the next start makes the message due again.
  if (outcome instanceof NotifyError && signal.aborted) return undefined
  const endedAt = clock.mono()
  const seconds = (endedAt - startedAt) / 1000
  const now = clock.wall()
  if (outcome instanceof NotifyError) {
    rest(lane, outcome, { now: endedAt, random })
    const { retry_at } = failurePlan(waiting, outcome, { now, random, fallback })
    onResult({
      channel,
      kind,
      result: retry_at === null ? 'failed' : 'retry',
      seconds,
      problem: outcome.message,
    })
    return { now, note: '', error: outcome }
  }
  Object.assign(lane, { failures: 0, lastError: outcome, lastSentAt: now, pausedUntil: endedAt + PAUSE_MS })
  lane.sentAt = [...lane.sentAt, endedAt]
  onResult({ channel, kind, result: 'sent', seconds, problem: '' })
  return { now, note: outcome, error: undefined }
}

/** The channel's remark, or why it did not take the message. */
export async function sendOne(
  notifier: Notifier,
  message: string,
  { signal, onProblem }: Pick<Trying, 'signal' | 'onProblem'>,
): Promise<string | NotifyError> {
  try {
    return await notifier.send(JSON.parse(message) as Message, signal)
  } catch (error) {
    if (error instanceof NotifyError) return error
    onProblem(error)
    return new NotifyError('the channel failed unexpectedly', { isPermanent: false })
  }
}

/** One try decides for the channel: while it is down, other messages would fail as well. */
function rest(
  lane: Lane,
  error: NotifyError,
  moment: { readonly now: number; readonly random: () => number },
) {
  lane.failures += 1
  lane.lastError = error.message
  lane.pausedUntil = pauseAfter(lane.failures, error, { ...moment, leastMs: PAUSE_MS })
}
