import { reasonOf, RingbackError } from '../errors.ts'
import { type CallRecord, readPage } from './call-record.ts'

/** As the global fetch, as far as it is used here. */
export type ApiFetch = (
  url: string,
  init: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
) => Promise<{ readonly status: number; json(): Promise<unknown>; text(): Promise<string> }>

export interface RecordSource {
  /** Without a slash at the end. */
  readonly apiBase: string
  /** `X-Auth-ID`, and the account in the path. */
  readonly account: string
  readonly authToken: string
  readonly fetch: ApiFetch
  readonly signal: AbortSignal
}

const DAY_MS = 86_400_000
const PAGE_MS = 30_000
/** The platform's own limit. */
const PER_PAGE = 100
/** 20,000 calls; an account with more in its window is read as far as that. */
const MOST_PAGES = 200

/**
 * The records of calls that ended in a window, newest first (https://vobiz.ai/docs/cdr/list-cdrs). The days of a query
 * are of a zone that nobody states, so a day more on either side is asked for. Rejects with a RingbackError
 * `unreachable` whose message is for people and holds no credential.
 */
export async function readRecords(
  source: RecordSource,
  window: { readonly from: number; readonly to: number },
): Promise<{ readonly records: readonly CallRecord[]; readonly isComplete: boolean }> {
  const found = new Map<string, CallRecord>()
  for (let page = 1; page <= MOST_PAGES; page++) {
    const { records, hasNext } = await readOne(source, window, page)
    for (const record of records) {
      if (record.endedAt > window.from && record.endedAt <= window.to) found.set(record.callId, record)
    }
    // A long call stands where it began, so one old record is not yet the end of the list.
    const isPast = records.length > 0 && records.every(({ endedAt }) => endedAt <= window.from)
    if (!hasNext || isPast) return { records: newestFirst(found), isComplete: true }
  }
  return { records: newestFirst(found), isComplete: false }
}

async function readOne(
  source: RecordSource,
  { from, to }: { readonly from: number; readonly to: number },
  page: number,
) {
  const query = new URLSearchParams({
    start_date: dateOf(from - DAY_MS),
    end_date: dateOf(to + DAY_MS),
    page: String(page),
    per_page: String(PER_PAGE),
  })
  const { apiBase, account, authToken, signal } = source
  // Exactly this case: `Account` with a capital, `cdr` without, no slash at the end.
  const url = `${apiBase}/api/v1/Account/${encodeURIComponent(account)}/cdr?${query.toString()}`
  try {
    const response = await source.fetch(url, {
      headers: { 'X-Auth-ID': account, 'X-Auth-Token': authToken, Accept: 'application/json' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(PAGE_MS)]),
    })
    if (response.status === 200) return readPage(await response.json())
    await response.text()
    throw new RingbackError('unreachable', problemOf(response.status))
  } catch (cause) {
    if (cause instanceof RingbackError) throw cause
    throw new RingbackError('unreachable', `the API could not be read: ${reasonOf(cause)}`, { cause })
  }
}

function problemOf(status: number): string {
  if (status === 401 || status === 403) {
    return `the API answered ${status}: check that id and auth_token are those of the account itself`
  }
  return status === 429 ? 'the API answered 429: too many requests' : `the API answered ${status}`
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

function newestFirst(found: ReadonlyMap<string, CallRecord>): readonly CallRecord[] {
  return [...found.values()].toSorted((a, b) => b.startedAt - a.startedAt)
}
