import type { Problem } from '../../admin/api.ts'

/** The API said no, or did not answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** 0 when no answer came. */
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, detail: string) {
    super(detail)
    this.status = status
    this.code = code
  }
}

export type Query = Readonly<Record<string, string | number | undefined>>
/** What is asked for: where, and narrowed to what. */
export type Read = readonly [path: string, query?: Query]

/** Answers to what was asked for ahead of the page, by address; each is used once. */
const ahead = new Map<string, Promise<unknown>>()

/** Asks before the page is there to wait for it. Whoever asks for the same next gets this answer. */
export function askAhead(...read: Read): void {
  const answer = send(urlOf(...read), {})
  answer.catch(() => undefined) // it is asked for again
  ahead.set(urlOf(...read), answer)
}

/** An answer of the API; throws an ApiError with the words of its problem document. */
export async function ask<Value>(...read: Read): Promise<Value> {
  const url = urlOf(...read)
  const early = ahead.get(url) as Promise<Value> | undefined
  ahead.delete(url)
  // What was refused before somebody signed in may be answered now.
  return early === undefined ? send<Value>(url, {}) : early.catch(() => send<Value>(url, {}))
}

function urlOf(path: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  )
  const search = new URLSearchParams(given).toString()
  return `./api/v1/${path}${search === '' ? '' : `?${search}`}`
}

/** Asks for a change. The header tells the port that its own page asks, not a form of another site. */
export async function change<Value>(method: 'POST' | 'DELETE', path: string, body?: object): Promise<Value> {
  const headers: Record<string, string> = { 'x-ringback-page': '1' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  return send<Value>(`./api/v1/${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function send<Value>(url: string, init: RequestInit): Promise<Value> {
  let response: Response
  try {
    response = await fetch(url, { ...init, credentials: 'same-origin' })
  } catch {
    throw new ApiError(0, 'unreachable', 'Ringback does not answer. Is the daemon running?')
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as Value
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>
  throw new ApiError(
    response.status,
    problem.code ?? 'error',
    problem.detail ?? `The port answered ${response.status}.`,
  )
}
