import { headerValuesOf } from '../callback/header-text.ts'
import type { Exchange } from '../callback/callback.ts'
import type { Target } from '../callback/route.ts'

/** Method, path with query, and body as the target gets them. */
export interface RequestLine {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body: Uint8Array
}

const NOTHING = new Uint8Array()
/** Longest form that is moved into a query: what servers commonly accept of a request line. */
const MOST_QUERY_BYTES = 8 * 1024

/**
 * What is asked of a target. On a path route the rest of the dialled path is appended as it came; the target's own
 * query and that of the callback are joined. No byte of either passes a URL parser.
 *
 * A route that turns POST into GET moves the fields of a form into the query, byte for byte, because there a GET
 * handler looks for them; any other body stays a body. GET turned into POST keeps its query and has an empty body.
 */
export function requestLine(exchange: Exchange, target: Target): RequestLine {
  const { callback, route } = exchange
  const method = route.method ?? callback.method
  let query = callback.query
  let body = callback.body
  if (method === 'GET' && callback.method === 'POST') {
    const form = formOf(exchange)
    if (form !== undefined) {
      query = joinQueries(query, form === '' ? '' : `?${form}`)
      body = NOTHING
    }
  }
  const mark = target.path.indexOf('?')
  const own = mark === -1 ? target.path : target.path.slice(0, mark)
  const ownQuery = mark === -1 ? '' : target.path.slice(mark)
  const path = route.prefix === undefined ? own : joinPaths(own, callback.path.slice(route.prefix.length))
  return { method, path: path + joinQueries(ownQuery, query), body }
}

/** Exactly one slash stands where the two meet; all others are kept as they came. */
function joinPaths(base: string, rest: string): string {
  if (rest === '') return base
  if (rest.startsWith('/')) return base.endsWith('/') ? base.slice(0, -1) + rest : base + rest
  return base.endsWith('/') ? base + rest : `${base}/${rest}`
}

function joinQueries(first: string, second: string): string {
  if (first.length <= 1) return second === '' ? first : second
  return second.length <= 1 ? first : `${first}&${second.slice(1)}`
}

/** The body as a query, if it is a form that can stand in a request line; else undefined. */
function formOf({ callback }: Exchange): string | undefined {
  if (callback.body.length > MOST_QUERY_BYTES) return undefined
  const [type = ''] = headerValuesOf(callback.headers, 'content-type')
  if (!type.toLowerCase().startsWith('application/x-www-form-urlencoded')) return undefined
  const text = Buffer.from(callback.body).toString('latin1')
  return /^[\x21\x22\x24-\x7e]*$/.test(text) ? text : undefined // no blanks, no '#', nothing beyond ASCII
}
