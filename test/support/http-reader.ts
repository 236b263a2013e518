/** One HTTP/1.1 message as it stood on the wire. */
export interface RawMessage {
  /** Request line or status line. */
  readonly startLine: string
  /** Names and values in order, as sent; values decoded as latin1, so that every byte can be told. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Body without its framing. */
  readonly body: Buffer
  /** How the body was framed. */
  readonly framing: 'none' | 'length' | 'chunked' | 'close'
}

export interface ReadMessage {
  readonly message: RawMessage
  /** Bytes of the input that belong to the message. */
  readonly length: number
}

/** Values of a header, in order; an empty list when it is missing. */
export function headerValues(message: RawMessage, name: string): string[] {
  const wanted = name.toLowerCase()
  return message.headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value)
}

/**
 * Reads one message from the start of `bytes`, strictly: what RFC 9112 forbids throws, so that a test's upstream
 * notices anything malformed that was let through. Undefined while the message is not complete.
 *
 * @param body what is known of the body from outside: 'none' for the answer to HEAD, 'ended' when the peer closed
 */
export function readMessage(
  bytes: Buffer,
  body: 'none' | 'ended' | 'unknown' = 'unknown',
): ReadMessage | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [startLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  if (/[\0\r\n]/.test(startLine)) throw new Error(`control character in ${JSON.stringify(startLine)}`)
  const headers = lines.map(readHeaderLine)
  const head = { startLine, headers }
  const bodyAt = headEnd + 4
  if (body === 'none') return { message: { ...head, body: Buffer.alloc(0), framing: 'none' }, length: bodyAt }
  return readBody(bytes, bodyAt, { ...head, ended: body === 'ended' })
}

function readHeaderLine(line: string): readonly [string, string] {
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\0\r\n]*?)[ \t]*$/.exec(line)
  if (match === null) throw new Error(`malformed header line ${JSON.stringify(line)}`)
  return [match[1] ?? '', match[2] ?? '']
}

interface Head {
  readonly startLine: string
  readonly headers: RawMessage['headers']
  readonly ended: boolean
}

function readBody(bytes: Buffer, at: number, head: Head): ReadMessage | undefined {
  const { startLine, headers } = head
  const values = (name: string): string[] =>
    headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)
  const lengths = values('content-length')
  const encodings = values('transfer-encoding')
  if (lengths.length + encodings.length > 1) throw new Error(`ambiguous framing: ${JSON.stringify(headers)}`)
  const [length] = lengths
  if (length !== undefined) {
    if (!/^\d+$/.test(length)) throw new Error(`malformed Content-Length ${length}`)
    const end = at + Number(length)
    if (bytes.length < end) return undefined
    return { message: { startLine, headers, body: bytes.subarray(at, end), framing: 'length' }, length: end }
  }
  if (encodings.length > 0) {
    const chunked = readChunks(bytes, at)
    if (chunked === undefined) return undefined
    return { message: { startLine, headers, body: chunked.body, framing: 'chunked' }, length: chunked.end }
  }
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(startLine)?.[1]
  const isBodyless = status === undefined || status.startsWith('1') || status === '204' || status === '304'
  if (isBodyless)
    return { message: { startLine, headers, body: Buffer.alloc(0), framing: 'none' }, length: at }
  if (!head.ended) return undefined
  return { message: { startLine, headers, body: bytes.subarray(at), framing: 'close' }, length: bytes.length }
}

function readChunks(bytes: Buffer, start: number): { body: Buffer; end: number } | undefined {
  const chunks: Buffer[] = []
  let at = start
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return undefined
    const line = bytes.toString('latin1', at, lineEnd)
    if (!/^[0-9a-fA-F]{1,8}(;.*)?$/.test(line))
      throw new Error(`malformed chunk size ${JSON.stringify(line)}`)
    const size = Number.parseInt(line, 16)
    const end = lineEnd + 2 + size
    if (bytes.length < end + 2) return undefined
    if (bytes.toString('latin1', end, end + 2) !== '\r\n') throw new Error('chunk without an end')
    if (size === 0) return { body: Buffer.concat(chunks), end: end + 2 }
    chunks.push(bytes.subarray(lineEnd + 2, end))
    at = end + 2
  }
}
