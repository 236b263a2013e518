import { createIdMaker, type IdMaker, timeOfId } from '../callback/id.ts'
import type { Clock } from '../clock.ts'
import type { LedgerReader } from '../ledger/ledger.ts'
import type { Log } from '../log.ts'

/** Less than this is no clock that was set back, but ids that were counted up in a busy millisecond. */
const WORTH_SAYING_MS = 1_000

/**
 * Ids that come after all that are in the ledger. The order of ids is the order of arrival, to streaks above all: were
 * the clock set back before the start, they would take every failure for older than the last success.
 */
export async function openIdMaker({
  clock,
  reader,
  log,
}: {
  readonly clock: Clock
  readonly reader: Pick<LedgerReader, 'callbacks'>
  readonly log: Log['pino']
}): Promise<IdMaker> {
  const [newest] = (await reader.callbacks({ limit: 1 })).rows
  const after = newest?.id ?? ''
  const aheadMs = after === '' ? 0 : timeOfId(after) - clock.wall()
  if (aheadMs > WORTH_SAYING_MS) {
    log.warn(
      { newest_callback: after, ahead_seconds: Math.round(aheadMs / 1000) },
      'THE CLOCK WAS SET BACK: the newest callback of the ledger is from the future; ids go on from there until the clock has caught up',
    )
  }
  return createIdMaker(Math.random, after)
}
