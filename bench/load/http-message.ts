const HEAD_END = Buffer.from('\r\n\r\n')
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n')
const LENGTH = /\r\ncontent-length: *(\d+)/i
const CHUNKED = /\r\ntransfer-encoding: *chunked/i

/**
 * Status (0 for a request) and full length of the HTTP/1.1 message at the start of `bytes`; undefined while that
 * cannot be told yet. As little parsing as two well-behaved ends of a bench need; not fit for anything else.
 */
export function measureMessage(bytes: Buffer): { status: number; length: number } | undefined {
  const headEnd = bytes.indexOf(HEAD_END)
  if (headEnd === -1) return undefined
  const head = bytes.toString('latin1', 0, headEnd)
  const status = head.startsWith('HTTP/') ? Number(head.slice(9, 12)) : 0
  const declared = LENGTH.exec(head)
  if (declared !== null) return { status, length: headEnd + 4 + Number(declared[1]) }
  if (!CHUNKED.test(head)) return { status, length: headEnd + 4 }
  const bodyEnd = bytes.indexOf(LAST_CHUNK, headEnd + 2)
  return bodyEnd === -1 ? undefined : { status, length: bodyEnd + LAST_CHUNK.length }
}
