import { NO_EVENT, OTHER_EVENT, type Facts } from '../../callback/event.ts'
import type { Kind } from '../../callback/kind.ts'
import type { LedgerReader } from '../../ledger/ledger.ts'
import type { KeptExchange, RescueQueue } from '../../ledger/rescue-queue.ts'
import type { CallbackDetail, CallbackFilter, CallbackRow } from '../../ledger/rows.ts'
import { intentOf, rebuild, type SkipReason } from './replay-plan.ts'

/** Which callbacks are meant: these, those that an incident hurt, or all that a filter finds. */
export interface ReplaySelection {
  readonly ids?: readonly string[] | undefined
  readonly incident?: string | undefined
  readonly filter?: Omit<CallbackFilter, 'limit' | 'after'> | undefined
  /** Also what a handler has taken already. */
  readonly includeDelivered: boolean
}

/** Most callbacks of one replay. */
export const MOST_CALLBACKS = 10_000
const PAGE = 1000

export interface SetSources {
  readonly reader: Pick<LedgerReader, 'callbacks' | 'callback'>
  readonly queue: Pick<RescueQueue, 'kept'>
  /** Resolves with nothing when there is no such incident. */
  readonly incidentCallbacks: (id: string) => Promise<readonly string[] | undefined>
}

/** One callback of a set: to be replayed, or why not. */
export interface Member {
  readonly id: string
  readonly row: CallbackRow | undefined
  readonly skip: SkipReason | undefined
}

/** The callbacks of a selection in order of arrival, each with what can be done; undefined when the incident is not known. */
export async function membersOf(
  selection: ReplaySelection,
  sources: SetSources,
): Promise<readonly Member[] | undefined> {
  const rows = await rowsOf(selection, sources)
  if (rows === undefined) return undefined
  const members: Member[] = []
  for (const { id, row } of rows) {
    members.push({ id, row, skip: await skipOf({ id, row }, selection.includeDelivered, sources) })
  }
  return members.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

interface Found {
  readonly id: string
  readonly row: CallbackRow | undefined
}

async function rowsOf(
  { ids, incident, filter }: ReplaySelection,
  { reader, incidentCallbacks }: SetSources,
): Promise<readonly Found[] | undefined> {
  const named = incident === undefined ? ids : await incidentCallbacks(incident)
  if (incident !== undefined && named === undefined) return undefined
  if (named !== undefined) {
    const unique = [...new Set(named)].slice(0, MOST_CALLBACKS)
    return Promise.all(unique.map(async (id) => ({ id, row: await reader.callback(id) })))
  }
  const found: Found[] = []
  let after: string | undefined
  do {
    const page = await reader.callbacks({ ...filter, limit: PAGE, after })
    found.push(...page.rows.map((row) => ({ id: row.id, row })))
    after = page.next ?? undefined
  } while (after !== undefined && found.length < MOST_CALLBACKS)
  return found
}

async function skipOf(
  { id, row }: Found,
  includeDelivered: boolean,
  sources: SetSources,
): Promise<SkipReason | undefined> {
  if (row === undefined) return 'not_known'
  const intent = intentOf(row, includeDelivered)
  if (intent !== 'dead_letter' && intent !== 'kept_body') return intent
  return (await bytesOf(id, sources)) === undefined ? 'bytes_not_kept' : undefined
}

/** A callback with its exact bytes; undefined when they are not in the ledger any more. */
export async function bytesOf(
  id: string,
  { reader, queue }: Pick<SetSources, 'reader' | 'queue'>,
): Promise<KeptExchange | undefined> {
  const [dead] = await queue.kept([id])
  if (dead !== undefined) return dead
  const detail = await reader.callback(id)
  return detail === undefined || detail.result === 'rescued' || detail.result === 'dead'
    ? undefined
    : fromDetail(detail)
}

function fromDetail(row: CallbackDetail): KeptExchange | undefined {
  const rebuilt = rebuild(row)
  if (rebuilt === undefined) return undefined
  return {
    callback: {
      id: row.id,
      receivedAt: row.received_at,
      startedAt: 0,
      method: row.method === 'GET' ? 'GET' : 'POST',
      peer: row.peer,
      ...rebuilt,
    },
    route: row.route,
    attempts: row.attempts,
    facts: factsOf(row),
    kind: row.kind as Kind,
    verdict: row.verdict === 'verified' ? 'verified' : 'unchecked',
    guardKey: '',
    bodyHash: '',
    duplicateOf: undefined,
    traceparent: row.traceparent,
  }
}

function factsOf(row: CallbackDetail): Facts {
  return {
    event: row.event === '' ? NO_EVENT : row.event,
    rawEvent: row.event === OTHER_EVENT ? row.raw_event : '',
    callId: row.call_id,
    account: row.account,
    application: '',
    trunk: '',
    discriminator: '',
    kind: row.kind as Kind,
    isProbe: false,
  }
}
