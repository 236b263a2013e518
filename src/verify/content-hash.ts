import { hash } from 'node:crypto'

/**
 * SHA-256 over all that a handler can read of a request and no signature need cover: method, query and body.
 * It is the hash of the body alone for the common POST without a query.
 */
export function hashContent(request: {
  readonly method: string
  readonly query: string
  readonly body: Uint8Array
}): string {
  const ofBody = hash('sha256', request.body, 'hex')
  if (request.method === 'POST' && request.query === '') return ofBody
  return hash('sha256', `${request.method} ${request.query} ${ofBody}`, 'hex')
}
