import type { ServerResponse } from 'node:http'

import type { Answer } from '../callback/answer.ts'

/** Up to this size a body goes out as text of the same bytes, because Node joins it to the head in one write. */
const ONE_WRITE_BYTES = 8192

/** Writes an answer once; a socket that cannot take it any more is destroyed rather than left hanging. */
export function writeAnswer(response: ServerResponse, answer: Answer, closeAfter = false): void {
  if (response.headersSent || response.destroyed) return
  const { body } = answer
  const headers = [...answer.headers, 'Content-Length', String(body.byteLength)]
  if (closeAfter) headers.push('Connection', 'close')
  try {
    response.writeHead(answer.status, headers)
    if (body.byteLength === 0) response.end()
    else if (body.byteLength <= ONE_WRITE_BYTES) response.end(latin1(body), 'latin1')
    else response.end(body)
  } catch {
    response.destroy() // a header that the parser let in and the serializer refuses
  }
}

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
}
