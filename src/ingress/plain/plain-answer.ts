import { STATUS_CODES } from 'node:http'
import type { Writable } from 'node:stream'

import type { Answer } from '../../callback/answer.ts'
import { latin1, ONE_WRITE_BYTES } from '../body-text.ts'

/**
 * Writes an answer whose headers came out of a parser or are ours: none holds a line break.
 *
 * @param idleSeconds how long the connection may be idle afterwards, as `Keep-Alive` tells it; undefined closes it
 * @returns false when the sender does not read what it is sent
 */
export function writePlainAnswer(socket: Writable, answer: Answer, idleSeconds: number | undefined): boolean {
  const { body } = answer
  const head = headOf(answer, idleSeconds)
  if (body.byteLength <= ONE_WRITE_BYTES) return socket.write(head + latin1(body), 'latin1')
  socket.cork()
  socket.write(head, 'latin1')
  const isRead = socket.write(body)
  socket.uncork()
  return isRead
}

/** The head that was made last; most answers of a second begin alike (forward/wire/last-head.ts). */
const last = {
  text: '',
  status: 0,
  headers: [] as readonly string[],
  length: 0,
  idleSeconds: 0 as number | undefined,
}

function headOf({ status, headers, body }: Answer, idleSeconds: number | undefined): string {
  const length = body.byteLength
  const isSame = last.headers === headers && last.status === status && last.length === length
  if (!isSame || last.idleSeconds !== idleSeconds || last.text === '') {
    Object.assign(last, { status, headers, length, idleSeconds })
    last.text = newHead(status, headers, length, idleSeconds)
  }
  return last.text
}

function newHead(
  status: number,
  headers: readonly string[],
  length: number,
  idleSeconds: number | undefined,
): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`
  let hasDate = false
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? ''
    hasDate ||= name.length === 4 && name.toLowerCase() === 'date'
    head += `${name}: ${headers[i + 1] ?? ''}\r\n`
  }
  head += `Content-Length: ${length}\r\n`
  if (!hasDate) head += `Date: ${dateNow()}\r\n`
  return idleSeconds === undefined
    ? `${head}Connection: close\r\n\r\n`
    : `${head}Connection: keep-alive\r\nKeep-Alive: timeout=${idleSeconds}\r\n\r\n`
}

let date = ''

/** As `Date` has it (RFC 9110 §6.6.1); worked out once a second. */
function dateNow(): string {
  if (date === '') {
    const now = new Date()
    date = now.toUTCString()
    setTimeout(forgetDate, 1000 - now.getMilliseconds()).unref()
  }
  return date
}

function forgetDate(): void {
  date = ''
  last.text = ''
}
