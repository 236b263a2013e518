import type { CallbackFilter, CallbackRow, Page, PageForm, PageText } from '../rows.ts'
import { csvLine } from './csv.ts'

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

/** A page of rows as it is sent to a client; made on the thread that read them. The first one names the columns. */
export function pageTextOf(
  page: Page<CallbackRow>,
  form: PageForm,
  { after }: Pick<CallbackFilter, 'after'>,
): PageText {
  const head = form === 'csv' && after === undefined ? csvLine(columns) : ''
  return { text: Buffer.from(head + textOf(page, form)), rows: page.rows.length, next: page.next }
}

function textOf(page: Page<CallbackRow>, form: PageForm): string {
  switch (form) {
    case 'json':
      return JSON.stringify(page)
    case 'ndjson':
      return page.rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    case 'csv':
      return page.rows.map((row) => csvLine(columns.map((column) => cell(row, column)))).join('')
  }
}

function cell(row: CallbackRow, column: (typeof columns)[number]): string | number {
  return column === 'received_at' ? new Date(row.received_at).toISOString() : row[column]
}
