import type { Wanted } from '../ledger/rescue-queue.ts'
import type { Alarm } from './alarm.ts'
import type { InHand } from './in-hand.ts'
import type { WorkerParts } from './worker-parts.ts'

/** Taken ahead for each one that may be under way, so that a target never waits for the ledger. */
const AHEAD = 6

/** How much of each route there is room for; the alarm is set for those whose targets are skipped until a probe is due. */
export function wantedNow(
  { waiting, recoveries, settings, skippedUntil, clock }: WorkerParts,
  inHand: InHand,
  alarm: Alarm,
): Wanted[] {
  const most = settings().concurrency * AHEAD
  const wanted: Wanted[] = []
  for (const route of waiting.routes()) {
    const count = inHand.countOf(route)
    const probeAt = skippedUntil(route)
    if (probeAt !== undefined) {
      // One callback at a time finds out whether the target is back.
      const waitMs = probeAt - clock.mono()
      if (waitMs > 0) alarm.within(waitMs)
      else if (count === 0) wanted.push({ route, limit: 1 })
      continue
    }
    if (count > most / 2) continue
    wanted.push({ route, limit: most - count, triedBefore: recoveries.hurriedBefore(route) })
  }
  return wanted
}
