/** A request, ready to be written. */
export interface WireRequest {
  readonly method: 'GET' | 'POST'
  /** Raw path with its query. */
  readonly path: string
  readonly host: string
  /** Complete header lines but those of connection and length; see headers.ts. */
  readonly lines: string
  readonly body: Uint8Array
}

/** Up to this size the body is joined to the head, so that both go out in one write. */
const ONE_WRITE_BYTES = 64 * 1024

/** The bytes to write, in one piece or, for a large body, in two. */
export type RequestBytes = readonly [Buffer, Uint8Array?]

export function requestBytes({ method, path, host, lines, body }: WireRequest): RequestBytes {
  // A GET without a body says nothing of its length (RFC 9110 §8.6).
  const length = body.length > 0 || method === 'POST' ? `content-length: ${body.length}\r\n` : ''
  const head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n${lines}${length}\r\n`
  if (body.length > ONE_WRITE_BYTES) return [Buffer.from(head, 'latin1'), body]
  const bytes = Buffer.allocUnsafe(head.length + body.length)
  bytes.write(head, 0, 'latin1')
  bytes.set(body, head.length)
  return [bytes]
}
