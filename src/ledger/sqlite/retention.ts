import { setTimeout as pause } from 'node:timers/promises'

import type { Retention } from '../ledger.ts'
import type { Remote } from '../remote.ts'
import type { Pruned, RetentionStore } from './retention-store.ts'

/** The pause between two steps, milliseconds: batches of live callbacks are written in between. */
const PAUSE_MS = 5

/** Deletes by age and then by size, oldest first, in steps between which live batches are committed. */
export function createRetention(store: Remote<RetentionStore>): Retention {
  /** Steps over what is older than a moment, until `isEnough`. */
  const prune = async (beforeMs: number, isEnough: (step: Pruned) => boolean): Promise<number> => {
    let total = 0
    let after = ''
    for (;;) {
      const step = await store.pruneStep({ beforeMs, after })
      total += step.deleted
      // Where messages are left over, what is deleted has not made all its room yet.
      if (step.next === undefined || (step.next !== after && isEnough(step))) return total
      after = step.next
      await pause(PAUSE_MS)
    }
  }
  return {
    async prune({ beforeMs, maxBytes, nowMs }) {
      const byAge = await prune(beforeMs, () => false)
      if ((await store.bytes()) <= maxBytes) return byAge
      return byAge + (await prune(nowMs, ({ bytes }) => bytes <= maxBytes))
    },
  }
}
