import { setTimeout as sleep } from 'node:timers/promises'

import type { PageText } from '../../ledger/rows.ts'
import type { Answer } from '../endpoint.ts'

/** Rows read at a time: a page is some 100 kB, a millisecond or two of the thread that forwards. */
const PAGE = 250
/** A client that takes long to take a page is no reason to rest longer. */
const MOST_REST_MS = 20

/**
 * All rows of a filter as a download. Page after page is read as the client takes them, so memory stays small, and it
 * rests after each for as long as reading and sending took: nobody waits for an export, and somebody waits for every callback.
 */
export async function exportCallbacks(
  format: 'ndjson' | 'csv',
  limit: number,
  read: (limit: number, after: string | undefined) => Promise<PageText>,
): Promise<Answer> {
  // The first page is read here, so that a ledger that cannot be read is still answered with a problem.
  const first = await read(Math.min(limit, PAGE), undefined)
  return {
    kind: 'stream',
    contentType: format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson',
    headers: { 'content-disposition': `attachment; filename="callbacks.${format}"` },
    chunks: pages(),
  }

  async function* pages() {
    let left = limit
    let startedAt = performance.now()
    for (let page = first; ; page = await read(Math.min(left, PAGE), page.next)) {
      yield page.text
      left -= page.rows
      if (page.next === null || left <= 0) return
      await sleep(Math.min(MOST_REST_MS, performance.now() - startedAt))
      startedAt = performance.now()
    }
  }
}
