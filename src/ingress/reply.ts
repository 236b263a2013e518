import type { ServerResponse } from 'node:http'

import type { Answer } from '../callback/answer.ts'
import { latin1, ONE_WRITE_BYTES } from './body-text.ts'
import type { Answerer } from './receiver.ts'

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

/** Takes an answer back to Node's HTTP server. */
export class NodeAnswerer implements Answerer {
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
  }

  answer(answer: Answer, closeAfter: boolean): void {
    writeAnswer(this.#response, answer, closeAfter)
  }
}
