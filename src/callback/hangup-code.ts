import { type Facts, NO_EVENT } from './event.ts'
import type { Outcome } from './outcome.ts'

/** A URL whose answer the provider executes, as its hang-up causes tell them apart. */
export type Step = 'answer' | 'action' | 'transfer' | 'redirect'

/** An inbound call that rings asks its answer URL without any event's name; later steps without one are actions. */
const stepOfEvent: Readonly<Record<string, Step>> = {
  StartApp: 'answer',
  Transfer: 'transfer',
  Redirect: 'redirect',
  DialAction: 'action',
  Record: 'action',
  [NO_EVENT]: 'action',
}

const unreachable: Readonly<Record<Step, number>> = {
  answer: 7011,
  action: 7012,
  transfer: 7013,
  redirect: 7014,
}
const invalid: Readonly<Record<Step, number>> = { answer: 8011, action: 8012, transfer: 8013, redirect: 8014 }

/**
 * `HangupCauseCode` of a call that the provider ended because it got no answer, or a broken one, to this event
 * (https://vobiz.ai/docs/concepts/hangup-causes); undefined where a failure ends no call. It is the code without
 * Ringback in between: a fallback, a static document or the provider's own fallback URL may save the call.
 */
export function hangupCodeOf(
  facts: Pick<Facts, 'event' | 'discriminator'>,
  outcome: Outcome,
): number | undefined {
  if (outcome === 'ok') return undefined
  const asksAnswerUrl = facts.event === NO_EVENT && facts.discriminator.includes('CallStatus=ringing;')
  const step = asksAnswerUrl ? 'answer' : stepOfEvent[facts.event]
  if (step === undefined) return undefined
  return outcome === 'bad_xml' ? invalid[step] : unreachable[step]
}

const steps: readonly Step[] = ['answer', 'action', 'transfer', 'redirect']

/**
 * The step that a code of the platform blames: 70x1 its URL or method, 80x1 its document, and so on up to x4
 * (https://vobiz.ai/docs/concepts/hangup-causes); undefined for every other reason to end a call.
 */
export function stepOfHangupCode(code: number): Step | undefined {
  return /^(?:70[123]|801)[1-4]$/.test(String(code)) ? steps[(code % 10) - 1] : undefined
}

/** May a callback of this event have asked that step? One without a name is the answer URL of an inbound call, or an action. */
export function isOfStep(event: string, step: Step): boolean {
  return stepOfEvent[event] === step || (event === NO_EVENT && step === 'answer')
}
