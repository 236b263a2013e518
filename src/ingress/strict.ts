/** What is read from the raw headers in the one pass that every request gets. */
export interface Head {
  readonly contentType: string
  /** Declared length of the body; -1 when not declared. */
  readonly contentLength: number
  readonly hasTransferEncoding: boolean
  readonly authorization: string
  readonly forwardedFor: string
  readonly traceparent: string
}

export type HeadProblem = { readonly problem: string; readonly status: 400 | 431 }

const MAX_HEADERS = 200
// Registered name, IPv4 or bracketed IPv6, with an optional port (RFC 9110 §7.2): no user, no path, no list.
const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/
// Printable ASCII without what WHATWG or careless parsers would rewrite; %00, %0a and %0d smuggle control bytes.
const TARGET = /^\/(?!\/)[!$-;=?-Z_a-z~[\]|]*$/ // no '"', '#', '<', '>', '\\', '^', '`', '{', '}'
const SMUGGLED = /%0[0ad]/i
const LENGTH = /^(0|[1-9]\d{0,15})$/
const MAX_TRACEPARENT = 128

/**
 * Reads a request head and refuses what is ambiguous: Node's parser lets several forms pass that another parser
 * behind or before us may read differently (duplicate Host, lists of encodings, absolute targets …).
 */
export function readHead(request: {
  readonly method: string
  readonly target: string
  readonly httpVersion: string
  readonly rawHeaders: readonly string[]
}): Head | HeadProblem {
  const { rawHeaders } = request
  if (!TARGET.test(request.target) || SMUGGLED.test(request.target))
    return refuse('the request target is malformed')
  if (rawHeaders.length > 2 * MAX_HEADERS) return { problem: 'too many headers', status: 431 }

  let host: string | undefined
  let length: string | undefined
  let encoding: string | undefined
  let contentType = ''
  let authorization = ''
  let forwardedFor = ''
  let traceparent = ''
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    const value = rawHeaders[i + 1] ?? ''
    // Names differ in length mostly: the cheap test spares lower-casing of almost all.
    switch (name.length) {
      case 4:
        if (name.toLowerCase() !== 'host') break
        if (host !== undefined) return refuse('two Host headers')
        host = value
        break
      case 11:
        if (name.toLowerCase() === 'traceparent') traceparent = value.slice(0, MAX_TRACEPARENT)
        break
      case 12:
        if (name.toLowerCase() === 'content-type') contentType = value.toLowerCase()
        break
      case 13:
        if (name.toLowerCase() === 'authorization') authorization = value
        break
      case 14:
        if (name.toLowerCase() !== 'content-length') break
        if (length !== undefined) return refuse('two Content-Length headers')
        length = value
        break
      case 15:
        if (name.toLowerCase() === 'x-forwarded-for')
          forwardedFor += forwardedFor === '' ? value : `, ${value}`
        break
      case 17:
        if (name.toLowerCase() !== 'transfer-encoding') break
        if (encoding !== undefined) return refuse('two Transfer-Encoding headers')
        encoding = value
        break
    }
    if (name.includes('_')) return refuse('a header name with an underscore')
  }

  if (host === undefined ? request.httpVersion !== '1.0' : !HOST.test(host))
    return refuse('no valid Host header')
  if (length !== undefined && !LENGTH.test(length)) return refuse('the Content-Length is malformed')
  if (encoding !== undefined && (encoding.toLowerCase() !== 'chunked' || request.httpVersion === '1.0')) {
    return refuse('the only transfer encoding taken is chunked')
  }
  return {
    contentType,
    contentLength: length === undefined ? -1 : Number(length),
    hasTransferEncoding: encoding !== undefined,
    authorization,
    forwardedFor,
    traceparent,
  }
}

function refuse(problem: string): HeadProblem {
  return { problem, status: 400 }
}
