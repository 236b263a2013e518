import type { HeaderText } from '../../callback/header-text.ts'
import { type Head, readHead } from '../strict.ts'

/** A request in the form that nearly every HTTP client writes, of which no two parsers think differently. */
export interface PlainRequest {
  readonly method: 'GET' | 'POST'
  /** Path with its query, as dialled. */
  readonly target: string
  readonly headers: HeaderText
  readonly head: Head
  /** Where the body begins and where it ends, in bytes from the start of the request. */
  readonly bodyAt: number
  readonly end: number
}

const HEAD_END = Buffer.from('\r\n\r\n')
const VERSION = ' HTTP/1.1'
/** As Node's parser has it; a longer head is left to it to refuse. */
const MOST_HEAD_BYTES = 16_384
// RFC 9112 §3 and §5 without anything optional: one blank where one must stand, printable ASCII, no empty values.
const PLAIN =
  /^(?:POST|GET) \/[!-~]* HTTP\/1\.1\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [!-~](?:[ -~]*[!-~])?\r\n)+$/

/**
 * Reads a request whose head is complete and plain. Whatever else may come (other methods and versions, chunks, an
 * `Expect`, an upgrade, a connection that is to be closed, odd blanks, anything malformed or ambiguous) is not read here
 * but left to Node's parser, which knows what to say to it.
 *
 * @returns undefined when it is not such a request
 */
export function readPlainRequest(bytes: Buffer): PlainRequest | undefined {
  const headEnd = bytes.indexOf(HEAD_END)
  if (headEnd === -1 || headEnd > MOST_HEAD_BYTES - HEAD_END.length) return undefined
  const text = bytes.toString('latin1', 0, headEnd + 2)
  if (!PLAIN.test(text)) return undefined
  const lineEnd = text.indexOf('\r\n')
  const method = text.startsWith('POST ') ? 'POST' : 'GET'
  const target = text.slice(method.length + 1, lineEnd - VERSION.length)
  const headers = text.slice(lineEnd + 2)
  const head = readHead({ target, httpVersion: '1.1', headers })
  if ('problem' in head || head.isDemanding) return undefined
  const bodyAt = headEnd + HEAD_END.length
  return { method, target, headers, head, bodyAt, end: bodyAt + Math.max(0, head.contentLength) }
}
