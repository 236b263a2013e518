import type { Exchange } from '../callback/callback.ts'

/** Beside body and headers: ids, facts and lengths. */
const REST_BYTES = 600

/** About what a callback takes in the ledger while it waits. */
export function sizeOf({ callback }: Pick<Exchange, 'callback'>): number {
  const { body, rawHeaders, path, query } = callback
  let bytes = REST_BYTES + body.length + path.length + query.length
  for (const text of rawHeaders) bytes += text.length + 4
  return bytes
}
