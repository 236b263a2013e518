import type { ServerResponse } from 'node:http'

import type { Answer } from '../callback/answer.ts'

/** Writes an answer once; a socket that cannot take it any more is destroyed rather than left hanging. */
export function writeAnswer(response: ServerResponse, answer: Answer, closeAfter = false): void {
  if (response.headersSent || response.destroyed) return
  const { body } = answer
  const headers = [...answer.headers, 'Content-Length', String(body.byteLength)]
  if (closeAfter) headers.push('Connection', 'close')
  try {
    response.writeHead(answer.status, headers)
    response.end(body.byteLength === 0 ? undefined : body)
  } catch {
    response.destroy() // a header that the parser let in and the serializer refuses
  }
}
