import type { PageText } from '../../ledger/rows.ts'
import type { Answer } from '../endpoint.ts'

const PAGE = 1000

/** All rows of a filter as a download. Page after page is read as the client takes them, so memory stays small. */
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
    for (let page = first; ; page = await read(Math.min(left, PAGE), page.next)) {
      yield page.text
      left -= page.rows
      if (page.next === null || left <= 0) return
    }
  }
}
