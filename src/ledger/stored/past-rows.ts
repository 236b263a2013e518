import type { PastAttempt, PastCallback } from '../past.ts'

// Past callbacks are read in pages: their rows, and the rows of all their attempts beside them.

export type CallbackColumns = Omit<PastCallback, 'attempts'>
export type AttemptColumns = PastAttempt & { readonly callback_id: string }

/** Callbacks of a page. */
export const PAST_PAGE = 2000

export function byCallback(
  rows: readonly CallbackColumns[],
  attempts: readonly AttemptColumns[],
): readonly PastCallback[] {
  const found = Map.groupBy(attempts, ({ callback_id }) => callback_id)
  return rows.map((row) => Object.assign(row, { attempts: found.get(row.id) ?? [] }))
}
