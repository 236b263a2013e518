import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

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

/** Up to this size head and body go out in one write. */
const ONE_WRITE_BYTES = 64 * 1024

/**
 * Where requests are put together, one after the other. Memory of its own for each would be garbage of a kilobyte and a
 * half that no cache of the processor knows.
 */
let sheet = newSheet()

/** Writes a request: in one piece, or, where its body is large, in two. */
export function writeRequest(socket: Socket, { method, path, host, lines, body }: WireRequest): void {
  // A GET without a body says nothing of its length (RFC 9110 §8.6).
  const length = body.length > 0 || method === 'POST' ? `content-length: ${body.length}\r\n` : ''
  const head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n${lines}${length}\r\n`
  const bytes = head.length + body.length
  if (bytes > ONE_WRITE_BYTES) {
    socket.cork()
    socket.write(head, 'latin1')
    socket.write(body)
    socket.uncork()
  } else if (socket instanceof TLSSocket) {
    socket.write(joined(Buffer.allocUnsafe(bytes), head, body)) // which holds it until it is encrypted
  } else {
    socket.write(joined(sheet.subarray(0, bytes), head, body))
    // What the system did not take at once is still read from there.
    if (socket.writableLength > 0) sheet = newSheet()
  }
}

function joined(bytes: Buffer, head: string, body: Uint8Array): Buffer {
  bytes.write(head, 0, 'latin1')
  bytes.set(body, head.length)
  return bytes
}

function newSheet(): Buffer {
  return Buffer.allocUnsafeSlow(ONE_WRITE_BYTES)
}
