const HEAD_END = Buffer.from('\r\n\r\n')
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n')
const [CR, C, H, T] = [13, 0x63, 0x48, 0x74] as const
const LENGTH_NAME = 'content-length:'
const LENGTH = Buffer.from('\r\ncontent-length:')
const CHUNKED = /\r\ntransfer-encoding: *chunked/i

/**
 * Status (0 for a request) and full length of the HTTP/1.1 message at the start of `bytes`; undefined while that
 * cannot be told yet. As little parsing as two well-behaved ends of a bench need; not fit for anything else.
 */
export function measureMessage(bytes: Buffer): { status: number; length: number } | undefined {
  const headEnd = bytes.indexOf(HEAD_END)
  if (headEnd === -1) return undefined
  const status = bytes[0] === H && bytes[1] === 0x54 ? numberAt(bytes, 9) : 0
  const lengthAt = findLength(bytes, headEnd)
  if (lengthAt !== -1) return { status, length: headEnd + 4 + numberAt(bytes, lengthAt) }
  if (!CHUNKED.test(bytes.toString('latin1', 0, headEnd))) return { status, length: headEnd + 4 }
  const bodyEnd = bytes.indexOf(LAST_CHUNK, headEnd + 2)
  return bodyEnd === -1 ? undefined : { status, length: bodyEnd + LAST_CHUNK.length }
}

/** Where the value of Content-Length begins, in any case of letters; -1 without one. No string is made on the way. */
function findLength(bytes: Buffer, headEnd: number): number {
  const last = headEnd - LENGTH.length
  for (let at = 0; at <= last; at++) {
    if (bytes[at] !== CR || ((bytes[at + 2] ?? 0) | 0x20) !== C || ((bytes[at + 5] ?? 0) | 0x20) !== T)
      continue
    let i = 2
    while (i < LENGTH.length && ((bytes[at + i] ?? 0) | 0x20) === ((LENGTH[i] ?? 0) | 0x20)) i++
    if (i === LENGTH_NAME.length + 2) return at + i
  }
  return -1
}

function numberAt(bytes: Buffer, start: number): number {
  let value = 0
  for (let at = start; at < bytes.length; at++) {
    const digit = (bytes[at] ?? 0) - 48
    if (digit >= 0 && digit <= 9) value = value * 10 + digit
    else if (bytes[at] !== 32 || value !== 0) break
  }
  return value
}
