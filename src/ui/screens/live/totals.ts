import type { Second } from '../../state/live-store.ts'

/** What came in all the seconds together. */
export function totals(seconds: ReadonlyMap<number, Second>): Second {
  const sum = { ok: 0, failed: 0 }
  for (const { ok, failed } of seconds.values()) {
    sum.ok += ok
    sum.failed += failed
  }
  return sum
}
