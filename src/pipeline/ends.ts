import { type Answer, overload } from '../callback/answer.ts'
import type { Delivery, RefusalReason } from '../callback/attempt.ts'
import type { Blame } from '../callback/blame.ts'
import type { Callback, Exchange } from '../callback/callback.ts'
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

/** Are the URLs inside its answer to come through here too? */
export function isRewritten({ kind, route }: Exchange): boolean {
  return kind === 'xml' && route.rewriteXml === true
}

/** A call cannot wait for its XML, and a probe of the platform is not worth keeping. */
export function mayRescue({ kind, route, facts }: Exchange): boolean {
  const wants = route.onFailure === 'rescue' || route.reply === 'ack'
  return wants && kind === 'notify' && !facts.isProbe
}

export const backlogFull = overload('too many callbacks wait for their handlers')
export const notWritten = overload('the ledger cannot be written')
