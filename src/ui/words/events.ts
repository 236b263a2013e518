/** The steps of a call, in the order they should come. */
export const steps = ['initiated', 'answered', 'completed', 'recording'] as const
export type Step = (typeof steps)[number]

const stepOfEvent: Readonly<Record<string, Step>> = {
  'call.initiated': 'initiated',
  Ring: 'initiated',
  CallInitiated: 'initiated',
  'call.answered': 'answered',
  StartApp: 'answered',
  'call.completed': 'completed',
  'call.failed': 'completed',
  Hangup: 'completed',
  'recording.completed': 'recording',
  RecordStop: 'recording',
}

/** The step an event reports, in either vocabulary of the provider; undefined for events that are no step. */
export function stepOf(event: string): Step | undefined {
  return Object.hasOwn(stepOfEvent, event) ? stepOfEvent[event] : undefined
}

/** The events offered for test callbacks and completion. */
export const commonEvents = [
  'call.initiated',
  'call.answered',
  'call.completed',
  'call.failed',
  'recording.completed',
  'Hangup',
  'StartApp',
  'Ring',
] as const
