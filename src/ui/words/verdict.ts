import type { AttemptRow, CallbackDetail } from '../../admin/api.ts'
import { duration } from '../format/time.ts'
import { outcomeWords } from './outcomes.ts'
import { refusalWords } from './refusals.ts'

/** What happened to a callback, in one or two sentences. */
export function verdictOf(callback: CallbackDetail): string {
  const { result, answer_status: status, answer_ms: ms } = callback
  const told = status === 0 ? '' : ` The provider was told ${status} after ${duration(ms)}.`
  const last = callback.attempt_rows.at(-1)
  switch (result) {
    case 'pending':
      return 'The handler is being asked; the provider has no answer yet.'
    case 'rejected':
      return `It was not let in: ${refusalWords(callback.reason).says}.${told}`
    case 'filtered':
      return `The route does not want ${callback.event}, so no handler was asked.${told}`
    case 'delivered':
      return `${deliveredBy(last)}${told}`
    case 'delivered_late':
      return `A handler took it on attempt ${last?.number ?? callback.attempts}, after it had been rescued.${told}`
    case 'rescued':
      return `${attemptSays(last)} Ringback answered in its place and will send it again.${told}`
    case 'dead':
      return `${attemptSays(last)} The schedule of rescue is used up: nobody took it.${told}`
    default:
      return `${attemptSays(last)}${told}`
  }
}

/** One attempt in a sentence. */
function attemptSays(attempt: AttemptRow | undefined): string {
  if (attempt === undefined) return 'No handler was asked.'
  const words = outcomeWords(attempt.outcome)
  const status = attempt.status === 0 || attempt.outcome === 'ok' ? '' : ` with ${attempt.status}`
  const after = attempt.total_ms === null ? '' : ` (after ${duration(attempt.total_ms)})`
  return `The ${attempt.target} handler ${words?.says ?? attempt.outcome}${status}${after}.`
}

function deliveredBy(last: AttemptRow | undefined): string {
  if (last === undefined) return 'It was answered as before.'
  const first =
    last.number > 1 ? `The ${last.target} handler took it on attempt ${last.number}` : 'The handler took it'
  return `${first}, with ${last.status}${last.total_ms === null ? '' : ` in ${duration(last.total_ms)}`}.`
}
