import type { Outcome } from '../../callback/outcome.ts'
import { excerptOf } from '../messages/excerpt.ts'
import type { FailureRow } from '../../ledger/alert-store.ts'

/** A callback as the ledger kept it, as far as a message needs it. */
export interface PastCallback {
  readonly id: string
  readonly call_id: string
  readonly event: string
  readonly attempt_rows: readonly {
    readonly target: string
    readonly via: string
    readonly started_at: number
    readonly outcome: string
    readonly status: number
    readonly total_ms: number | null
    readonly error: string
    /** As the ledger kept it, redacted. */
    readonly reply?: { readonly body: string | null; readonly body_bytes: number } | null
  }[]
}

/** The failed live attempts of callbacks at one target, in the order of the ids; what the ledger no longer has is left out. */
export function failuresAt(
  target: string,
  ids: readonly string[],
  past: ReadonlyMap<string, PastCallback>,
): readonly FailureRow[] {
  const failures: FailureRow[] = []
  for (const id of ids) {
    const callback = past.get(id)
    const attempt = callback?.attempt_rows.findLast(
      (each) => each.target === target && each.via === 'live' && each.outcome !== 'ok',
    )
    if (callback === undefined || attempt === undefined) continue
    failures.push({
      callback_id: id,
      call_id: callback.call_id,
      event: callback.event,
      at: attempt.started_at,
      outcome: attempt.outcome as Outcome, // the column holds what an Attempt held
      status: attempt.status,
      ms: attempt.total_ms,
      error: attempt.error,
      ...(attempt.reply && {
        excerpt: excerptOf(new TextEncoder().encode(attempt.reply.body ?? '')),
        bytes: attempt.reply.body_bytes,
      }),
    })
  }
  return failures
}
