import type { Exchange } from '../callback/callback.ts'

/** Beside body and headers: ids, facts and lengths. */
const REST_BYTES = 600

/** About what a callback takes in the ledger while it waits. */
export function sizeOf({ callback }: Pick<Exchange, 'callback'>): number {
  const { body, headers, path, query } = callback
  return REST_BYTES + body.length + headers.length + path.length + query.length
}
