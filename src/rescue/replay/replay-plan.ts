import { headerTextOf, type HeaderText } from '../../callback/header-text.ts'
import type { CallbackDetail, CallbackRow } from '../../ledger/rows.ts'

/** Why a callback of a set is not replayed. */
export const skipReasons = [
  'already_delivered',
  'waits_for_rescue',
  'under_way',
  'call_has_ended',
  'bytes_not_kept',
  'no_route',
  'not_let_in',
  'not_wanted',
  'repeats_another',
  'not_known',
] as const
export type SkipReason = (typeof skipReasons)[number]

/** What is to be done with a callback before its bytes are looked for. */
export type Intent = 'dead_letter' | 'kept_body' | SkipReason

/**
 * What can be replayed and what is pointless. The answer to an xml callback drives a call, and that call has ended;
 * what waits is delivered in its order anyway; a repeat by the provider is the callback that it repeats.
 */
export function intentOf(row: CallbackRow, includeDelivered: boolean): Intent {
  if (row.duplicate_of !== '') return 'repeats_another'
  switch (row.result) {
    case 'dead':
      return 'dead_letter'
    case 'rescued':
      return 'waits_for_rescue'
    case 'pending':
      return 'under_way'
    case 'rejected':
      return 'not_let_in'
    case 'filtered':
      return 'not_wanted'
    case 'delivered':
    case 'delivered_late':
      if (!includeDelivered) return 'already_delivered'
  }
  return row.kind === 'xml' ? 'call_has_ended' : 'kept_body'
}

/** Stands in the ledger where something was masked. */
const MASK = '•••'

/** A request as it was, from what the ledger keeps for display. */
export interface Rebuilt {
  readonly path: string
  readonly query: string
  readonly headers: HeaderText
  readonly body: Uint8Array
}

/** Undefined when anything of it was redacted, cut off or not text: what a handler gets must be what was sent. */
export function rebuild({ path: target, request }: CallbackDetail): Rebuilt | undefined {
  if (request === null || request.body === null || request.is_redacted || request.is_truncated)
    return undefined
  if (target.includes(MASK)) return undefined
  const body = Buffer.from(request.body)
  if (body.length !== request.body_bytes || request.body.includes('\uFFFD')) return undefined
  const mark = target.indexOf('?')
  return {
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? '' : target.slice(mark),
    headers: headerTextOf(withoutMasked(request.headers)),
    body,
  }
}

/** Secrets among the headers are gone; a signature is made afresh where the secret is known. */
function withoutMasked(headers: readonly string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const value = headers[i + 1] ?? ''
    if (!value.includes(MASK)) kept.push(headers[i] ?? '', value)
  }
  return kept
}
