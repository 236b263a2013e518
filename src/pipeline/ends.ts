import type { Answer } from '../callback/answer.ts'
import type { Delivery, RefusalReason } from '../callback/attempt.ts'
import type { Blame } from '../callback/blame.ts'
import type { Callback } from '../callback/callback.ts'
import type { Outcome } from '../callback/outcome.ts'
import type { Refusal } from '../ledger/ledger.ts'
import type { Scope } from '../routing/table.ts'

/** How a callback's passage ended, beside what the provider was told. */
export interface End {
  readonly result: Delivery['result']
  readonly blame?: Blame | undefined
  readonly lastOutcome?: Outcome | undefined
  readonly dueAt?: number
}

export function deliveryOf(
  answer: Answer,
  end: End,
  { answerMs, keepAnswer }: { readonly answerMs: number; readonly keepAnswer: boolean },
): Delivery {
  return {
    result: end.result,
    blame: end.blame,
    lastOutcome: end.lastOutcome,
    answerStatus: answer.status,
    answerMs,
    dueAt: end.dueAt,
    answer: keepAnswer ? answer : undefined,
  }
}

/** The row of a request that was not let in. */
export function refusalOf(
  { id, receivedAt, method, path, peer }: Callback,
  { route, account }: Pick<Scope, 'route' | 'account'>,
  told: { readonly reason: RefusalReason; readonly status: number },
): Refusal {
  return { id, receivedAt, route: route?.id ?? account ?? '', ...told, method, path, peer }
}
