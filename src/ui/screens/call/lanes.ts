import type { CallbackRow } from '../../../admin/api.ts'
import { type Step, stepOf, steps } from '../../words/events.ts'

/** One step of a call with the callbacks that reported it, oldest first; none where it is missing. */
export interface Lane {
  readonly name: string
  readonly callbacks: readonly CallbackRow[]
  /** Should have come by what else came. */
  readonly isMissing: boolean
  /** Came before a step that should be before it. */
  readonly isEarly: boolean
}

/** The steps of a call from top to bottom, then every other event it had. */
export function lanesOf(callbacks: readonly CallbackRow[]): readonly Lane[] {
  const reported = (step: Step): CallbackRow[] => callbacks.filter(({ event }) => stepOf(event) === step)
  const first = (step: Step): number | undefined => reported(step)[0]?.received_at
  const lanes = steps.map((name, at): Lane => {
    const own = reported(name)
    const started = own[0]?.received_at
    const isEarly =
      started !== undefined && steps.slice(0, at).some((earlier) => (first(earlier) ?? 0) > started)
    return { name: stepWords[name], callbacks: own, isMissing: own.length === 0, isEarly }
  })
  const others = [
    ...new Set(callbacks.map(({ event }) => event).filter((event) => stepOf(event) === undefined)),
  ]
  return [
    ...lanes,
    ...others.map((name) => ({
      name,
      callbacks: callbacks.filter(({ event }) => event === name),
      isMissing: false,
      isEarly: false,
    })),
  ]
}

const stepWords: Readonly<Record<Step, string>> = {
  initiated: 'Initiated',
  answered: 'Answered',
  completed: 'Completed',
  recording: 'Recording',
}

/** What no handler took and nothing will send by itself: failed or dead, and not made good by a later one of its event. */
export function lostOf(callbacks: readonly CallbackRow[]): readonly CallbackRow[] {
  return callbacks.filter(
    ({ event, result, duplicate_of: original }) =>
      (result === 'failed' || result === 'dead') &&
      original === '' &&
      !callbacks.some((other) => other.event === event && isTaken(other)),
  )
}

function isTaken({ result }: CallbackRow): boolean {
  return result === 'delivered' || result === 'delivered_late'
}

/** Did the handler hear that the call ended? In words, for whoever asks about a bill. */
export function callVerdict(callbacks: readonly CallbackRow[]): {
  readonly isGood: boolean
  readonly text: string
} {
  const ends = callbacks.filter(({ event }) => stepOf(event) === 'completed')
  const taken = ends.find(isTaken)
  if (taken !== undefined) {
    const late = taken.result === 'delivered_late' ? ', later than it should have' : ''
    return { isGood: true, text: `The handler was told that the call ended${late}.` }
  }
  if (ends.length === 0)
    return { isGood: false, text: 'No callback says that the call ended: it runs, or it never came.' }
  const waiting = ends.some(({ result }) => result === 'rescued')
  return {
    isGood: false,
    text: waiting
      ? 'The handler does not know yet that the call ended; it is being sent again.'
      : 'The handler was never told that the call ended.',
  }
}
