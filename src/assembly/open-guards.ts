import type { Clock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import { storeLocation } from '../config/store.ts'
import { GuardsBeside } from './guards-beside.ts'
import type { EventPage, LedgerReader } from '../ledger/ledger.ts'
import { eventRowsOf, guardRowsOf } from '../ledger/stored/guard-text.ts'
import { identityOfEventRow } from '../verify/content-hash.ts'
import type { Log } from '../log.ts'
import type { Guards } from '../verify/guard/passage-guards.ts'
import { createReplayGuard, replayGuardFrom } from '../verify/guard/create-replay-guard.ts'

/** Signed requests remembered at most. */
const MOST_REQUESTS = 1_000_000
/** Events remembered at most to know a retry by its content. */
const MOST_EVENTS = 100_000

const statusAlone = { answer_content_type: '', answer_body: undefined } as const

/** Requests are remembered to the end of a second. */
const SECOND_MS = 1000

interface OpenGuardsParts {
  readonly ledger: { readonly reader: Pick<LedgerReader, 'callback' | 'callbacks' | 'events' | 'guards'> }
  readonly clock: Pick<Clock, 'wall'>
  readonly log: Log['pino']
}

/** The guards, and what is to be done with them at a stop. */
export interface OpenGuards extends Guards {
  /** Leaves what they remember for the next start; when nothing comes in any more. Never throws. */
  keep(): Promise<void>
}

/**
 * What was asked and told in the last minutes, also by an earlier process: what that one left beside its ledger, and
 * whatever the ledger has beyond that.
 */
export async function openGuards(
  config: Pick<Config, 'replay_window' | 'store'>,
  { ledger: { reader }, clock, log }: OpenGuardsParts,
): Promise<OpenGuards> {
  const now = clock.wall()
  const since = now - config.replay_window - SECOND_MS
  const windowMs = config.replay_window / 2
  const ofRequests = { windowMs, maxEntries: MOST_REQUESTS }
  const ofEvents = { windowMs, maxEntries: MOST_EVENTS }
  const store = storeLocation(config.store)
  // Replicas that share a ledger would each find what another one knew.
  const beside =
    store.kind === 'sqlite'
      ? new GuardsBeside({ path: store.path, windowMs: config.replay_window, reader, clock, log })
      : undefined
  const kept = await beside?.takeUp((file) => ({
    guard: replayGuardFrom(ofRequests, file),
    repeats: replayGuardFrom(ofEvents, file),
  }))
  const { guard, repeats } = kept?.guards ?? {
    guard: createReplayGuard(ofRequests),
    repeats: createReplayGuard(ofEvents),
  }
  const position = kept?.position ?? ''
  await eachPage(
    position,
    (after) => reader.guards(since, MOST_REQUESTS, after),
    (page) => guard.restore(guardRowsOf(page), now),
  )
  await eachPage(
    position,
    (after) => reader.events(since, MOST_EVENTS, after),
    (page) =>
      repeats.restore(
        eventRowsOf(page).map((row) =>
          Object.assign({ guard_key: identityOfEventRow(row), ...statusAlone }, row),
        ),
        now,
      ),
  )
  beside?.keepUp({ guard, repeats })
  return { guard, repeats, keep: async () => beside?.keep({ guard, repeats }) }
}

/** The next page is read while one is taken in. */
async function eachPage<Page extends EventPage>(
  position: string,
  read: (after: string) => Promise<Page>,
  take: (page: Page) => void,
): Promise<void> {
  for (let page = await read(position); page.last !== '';) {
    const next = read(page.last)
    take(page)
    page = await next
  }
}
