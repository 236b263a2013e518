import { hash } from 'node:crypto'

/** SHA-256 of a body, as hex. */
export function hashBody(body: Uint8Array): string {
  return hash('sha256', body, 'hex')
}

/**
 * SHA-256 over all that a handler can read of a request and no signature need cover: method, query and body.
 * It is the hash of the body alone for the common POST without a query.
 */
export function hashContent(request: {
  readonly method: string
  readonly query: string
  readonly body: Uint8Array
}): string {
  const ofBody = hashBody(request.body)
  if (request.method === 'POST' && request.query === '') return ofBody
  return hash('sha256', `${request.method} ${request.query} ${ofBody}`, 'hex')
}
