import { answerFaults } from '../callback/answer-fault.ts'
import { deliveryResults, type RefusalReason, refusalReasons } from '../callback/attempt.ts'
import { blames } from '../callback/blame.ts'
import { eventNames } from '../callback/event.ts'
import { outcomes } from '../callback/outcome.ts'
import type { ReceivedVerdict } from './metrics.ts'

/** The values of one label, each with a dense index: what cells are addressed by. */
export interface ClosedSet<Value extends string> {
  readonly values: readonly Value[]
  readonly index: ReadonlyMap<string, number>
}

function closedSet<Value extends string>(values: readonly Value[]): ClosedSet<Value> {
  return { values, index: new Map(values.map((value, index) => [value, index])) }
}

export const acceptedVerdicts = ['verified', 'warned', 'unchecked', 'repeated'] as const
export const verdicts = closedSet<ReceivedVerdict>([...acceptedVerdicts, ...refusalReasons])
export const events = closedSet(eventNames)
export const outcomeLabels = closedSet(outcomes)
export const results = closedSet(deliveryResults)
export const faultLabels = closedSet(answerFaults)
export const blameLabels = closedSet(blames)
export const refusals = closedSet(refusalReasons)
export const signatureReasons = [
  'signature_missing',
  'signature_bad',
  'timestamp_bad',
  'timestamp_stale',
  'nonce_reused',
] as const satisfies readonly RefusalReason[]
export const attemptResults = closedSet(['success', 'failure'] as const)
/** Only 200 is a success for the provider; a handler must not be able to invent series with odd statuses. */
export const codes = closedSet(['200', '3xx', '4xx', '5xx', 'other'] as const)

/** Requests on a path that no route claims. */
export const UNMATCHED = '_unmatched'
/** What still ends on a route that is not, or no longer, configured. */
export const OTHER_ROUTE = '_other'

/** Index in `codes` of a status. */
export function codeIndex(status: number): number {
  if (status === 200) return 0
  if (status >= 300 && status < 400) return 1
  if (status >= 400 && status < 500) return 2
  if (status >= 500 && status < 600) return 3
  return 4
}

/** A label value inside its quotes. Source: Prometheus text format 0.0.4. */
export function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
