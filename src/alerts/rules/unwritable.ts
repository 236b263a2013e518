/** A time in which the ledger cannot be written, or only for moments. */
export interface Unwritable {
  readonly since: number
  /** From when on it can be written, though not yet for long enough; undefined while it cannot. */
  readonly until: number | undefined
  /** What was wrong last. */
  readonly problem: string
}

/** So long must it be writable in one go: on a disk that is all but full some writes go through. */
const STEADY_MS = 5_000

/** Pure: how it stands now, given how it stood when it was looked at before. Undefined while the ledger is well. */
export function unwritableNow(
  before: Unwritable | undefined,
  { isWritable, problem }: { readonly isWritable: boolean; readonly problem: string },
  now: number,
): Unwritable | undefined {
  // Never ahead of now, where a clock that was set back would leave them.
  const since = Math.min(before?.since ?? now, now)
  if (!isWritable) return { since, until: undefined, problem }
  if (before === undefined) return undefined
  const until = Math.min(before.until ?? now, now)
  return now - until < STEADY_MS ? { ...before, since, until } : undefined
}
