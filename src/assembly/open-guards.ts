import type { Clock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import type { OpenLedger } from './open-ledger.ts'
import { identityOfContent } from '../verify/content-hash.ts'
import type { Guards } from '../verify/passage-guards.ts'
import { createReplayGuard } from '../verify/replay-guard.ts'

/** Signed requests remembered at most. */
const MOST_REQUESTS = 1_000_000
/** Events remembered at most to know a retry by its content. */
const MOST_EVENTS = 100_000

const statusAlone = { answer_content_type: '', answer_body: undefined } as const

/** Requests are remembered to the end of a second. */
const SECOND_MS = 1000

/** What was asked and told in the last minutes, also by an earlier process. */
export async function openGuards(config: Config, ledger: OpenLedger, clock: Clock): Promise<Guards> {
  const now = clock.wall()
  const since = now - config.replay_window - SECOND_MS
  const windowMs = config.replay_window / 2
  const guard = createReplayGuard({ windowMs, maxEntries: MOST_REQUESTS })
  for (let after = ''; ;) {
    const rows = await ledger.reader.guards(since, MOST_REQUESTS, after)
    const last = rows.at(-1)
    if (last === undefined) break
    guard.restore(rows, now)
    after = last.callback_id
  }
  const repeats = createReplayGuard({ windowMs, maxEntries: MOST_EVENTS })
  const events = await ledger.reader.events(since)
  repeats.restore(
    events.map((row) => Object.assign({ guard_key: identityOfContent(row), ...statusAlone }, row)),
    now,
  )
  return { guard, repeats }
}
