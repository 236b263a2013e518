import type { Delivery, DeliveryResult } from '../callback/attempt.ts'
import { blameOf } from '../callback/blame.ts'
import type { Outcome } from '../callback/outcome.ts'

/**
 * What became of a callback after its provider was answered: what that was told, and when, stands in the ledger and stays.
 *
 * @param fence of the lease it is settled under; undefined without one
 */
export function lateDelivery(
  result: DeliveryResult,
  lastOutcome: Outcome | undefined,
  fence: number | undefined,
): Delivery {
  return {
    result,
    blame: lastOutcome === undefined ? undefined : blameOf(lastOutcome),
    lastOutcome,
    answerStatus: 0,
    answerMs: 0,
    dueAt: undefined,
    answer: undefined,
    fence,
  }
}
