import type { CallbackRow, Page } from '../../ledger/rows.ts'
import { csvLine } from './csv.ts'
import type { Answer } from '../endpoint.ts'

const PAGE = 1000

const columns = [
  'id',
  'received_at',
  'route',
  'account',
  'event',
  'raw_event',
  'call_id',
  'kind',
  'method',
  'path',
  'verdict',
  'result',
  'blame',
  'reason',
  'attempts',
  'last_outcome',
  'answer_status',
  'answer_ms',
  'body_bytes',
  'duplicate_of',
  'peer',
  'traceparent',
] as const satisfies readonly (keyof CallbackRow)[]

type ReadPage = (limit: number, after: string | undefined) => Promise<Page<CallbackRow>>

/** All rows of a filter as a download. Page after page is read as the client takes them, so memory stays small. */
export async function exportCallbacks(
  format: 'ndjson' | 'csv',
  limit: number,
  read: ReadPage,
): Promise<Answer> {
  // The first page is read here, so that a ledger that cannot be read is still answered with a problem.
  const first = await read(Math.min(limit, PAGE), undefined)
  return {
    kind: 'stream',
    contentType: format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson',
    headers: { 'content-disposition': `attachment; filename="callbacks.${format}"` },
    chunks: format === 'csv' ? csv(pages(first, limit, read)) : ndjson(pages(first, limit, read)),
  }
}

async function* pages(first: Page<CallbackRow>, limit: number, read: ReadPage) {
  let page = first
  let left = limit
  for (;;) {
    yield page.rows
    left -= page.rows.length
    if (page.next === null || left <= 0) return
    page = await read(Math.min(left, PAGE), page.next)
  }
}

async function* ndjson(pages: AsyncIterable<readonly CallbackRow[]>) {
  for await (const rows of pages) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}

async function* csv(pages: AsyncIterable<readonly CallbackRow[]>) {
  yield csvLine(columns)
  for await (const rows of pages) {
    yield rows.map((row) => csvLine(columns.map((column) => cell(row, column)))).join('')
  }
}

function cell(row: CallbackRow, column: (typeof columns)[number]): string | number {
  return column === 'received_at' ? new Date(row.received_at).toISOString() : row[column]
}
