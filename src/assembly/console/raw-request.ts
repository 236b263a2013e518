import { headerTextOf, type HeaderText } from '../../callback/header-text.ts'
import { RingbackError } from '../../errors.ts'

/** A request as a person pastes it. */
export interface PastedRequest {
  readonly method: string
  readonly path: string
  /** With its `?`; empty without one. */
  readonly query: string
  readonly headers: HeaderText
  readonly body: Uint8Array
}

/**
 * Reads an HTTP request as it stands in a log or a capture: request line, headers, an empty line, the body.
 *
 * @throws RingbackError `usage` that says what is missing
 */
export function readRawRequest(text: string): PastedRequest {
  const end = /\r?\n\r?\n/.exec(text)
  const head = end === null ? text : text.slice(0, end.index)
  const body = end === null ? '' : text.slice(end.index + end[0].length)
  const [first = '', ...lines] = head.replace(/^\s+/, '').split(/\r?\n/)
  const [, method = '', target = ''] = /^([A-Za-z]+) +(\S+)(?: +HTTP\/[\d.]+)? *$/.exec(first) ?? []
  if (target === '') {
    throw new RingbackError(
      'usage',
      'raw: must begin with a request line, such as POST /vobiz/MA_TEST123 HTTP/1.1',
    )
  }
  const { path = '/', query = '' } =
    /^(?:https?:\/\/[^/?#]+)?(?<path>\/[^?#]*)?(?<query>\?[^#]*)?/i.exec(target)?.groups ?? {}
  return {
    method: method.toUpperCase(),
    path,
    query,
    headers: headerTextOf(lines.filter((line) => line.trim() !== '').flatMap(headerOf)),
    body: Buffer.from(body),
  }
}

function headerOf(line: string): readonly string[] {
  const [, name, value = ''] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
  if (name !== undefined) return [name, value]
  throw new RingbackError('usage', 'raw: every line before the empty one must be a header, NAME: VALUE')
}
