import type { Clock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import type { OpenLedger } from './open-ledger.ts'
import type { EventPage } from '../ledger/ledger.ts'
import { eventRowsOf, guardRowsOf } from '../ledger/stored/guard-text.ts'
import { identityOfEventRow } from '../verify/content-hash.ts'
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
export async function openGuards(
  config: Pick<Config, 'replay_window'>,
  ledger: Pick<OpenLedger, 'reader'>,
  clock: Pick<Clock, 'wall'>,
): Promise<Guards> {
  const now = clock.wall()
  const since = now - config.replay_window - SECOND_MS
  const windowMs = config.replay_window / 2
  const guard = createReplayGuard({ windowMs, maxEntries: MOST_REQUESTS })
  const repeats = createReplayGuard({ windowMs, maxEntries: MOST_EVENTS })
  await eachPage(
    (after) => ledger.reader.guards(since, MOST_REQUESTS, after),
    (page) => guard.restore(guardRowsOf(page), now),
  )
  await eachPage(
    (after) => ledger.reader.events(since, MOST_EVENTS, after),
    (page) =>
      repeats.restore(
        eventRowsOf(page).map((row) =>
          Object.assign({ guard_key: identityOfEventRow(row), ...statusAlone }, row),
        ),
        now,
      ),
  )
  return { guard, repeats }
}

/** The next page is read while one is taken in. */
async function eachPage<Page extends EventPage>(
  read: (after: string) => Promise<Page>,
  take: (page: Page) => void,
): Promise<void> {
  for (let page = await read(''); page.last !== '';) {
    const next = read(page.last)
    take(page)
    page = await next
  }
}
