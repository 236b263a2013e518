import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

import type { Answer } from '../../callback/answer.ts'
import { latin1, ONE_WRITE_BYTES } from '../body-text.ts'

/**
 * Writes an answer whose headers came out of a parser or are ours: none holds a line break.
 *
 * @param idleSeconds how long the connection may be idle afterwards, as `Keep-Alive` tells it; undefined closes it
 * @returns false when the sender does not read what it is sent
 */
export function writePlainAnswer(
  socket: Socket,
  { status, headers, body }: Answer,
  idleSeconds: number | undefined,
): boolean {
  const closing = idleSeconds === undefined
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i] ?? ''}: ${headers[i + 1] ?? ''}\r\n`
  head += `Content-Length: ${body.byteLength}\r\nDate: ${dateNow()}\r\n`
  head += closing
    ? 'Connection: close\r\n\r\n'
    : `Connection: keep-alive\r\nKeep-Alive: timeout=${idleSeconds}\r\n\r\n`
  if (body.byteLength <= ONE_WRITE_BYTES) return socket.write(head + latin1(body), 'latin1')
  socket.cork()
  socket.write(head, 'latin1')
  const isRead = socket.write(body)
  socket.uncork()
  return isRead
}

let date = ''

/** As `Date` has it (RFC 9110 §6.6.1); worked out once a second. */
function dateNow(): string {
  if (date === '') {
    const now = new Date()
    date = now.toUTCString()
    setTimeout(() => (date = ''), 1000 - now.getMilliseconds()).unref()
  }
  return date
}
