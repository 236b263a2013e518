import { readFileSync } from 'node:fs'

import type { HealthView, Problem } from '../admin/api.ts'
import { type ErrorCode, reasonOf, RingbackError } from '../errors.ts'
import type { Cli } from './cli.ts'
import { adminListen, configPath, withDotEnv } from './configuration.ts'
import { oneLine } from './terminal-text.ts'

const TIMEOUT_MS = 15_000
const TOKEN = 'RINGBACK_ADMIN_TOKEN'

/** The admin API of a running daemon. Every method throws a RingbackError that says what to do. */
export interface AdminClient {
  readonly url: string
  get<Body>(path: string, query?: Query): Promise<Body>
  post<Body>(path: string, body?: unknown): Promise<Body>
  /** Ends what is at the path, and says how it stands. */
  cancel<Body>(path: string): Promise<Body>
  /** An answer that goes on, such as the stream; the caller's signal ends it. */
  open(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response>
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * Finds the daemon: --url, RINGBACK_URL, or `admin.listen` of the configuration; token: --token-file or
 * RINGBACK_ADMIN_TOKEN, of the daemon here also from its `.env`.
 */
export function connect(cli: Cli): AdminClient {
  const url = baseUrl(cli)
  const token = readToken(cli)
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers)
    headers.set('accept', 'application/json')
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
    let response: Response
    try {
      response = await fetch(new URL(path, `${url}/`), { ...init, headers, redirect: 'manual' })
    } catch (cause) {
      throw unreachable(url, cause)
    }
    if (response.ok) return response
    throw await refusal(response, url)
  }
  const signal = () => AbortSignal.any([cli.signal, AbortSignal.timeout(TIMEOUT_MS)])
  return {
    url,
    get: async <Body>(path: string, query: Query = {}) =>
      bodyOf<Body>(await ask(path + queryText(query), { signal: signal() }), url),
    post: async <Body>(path: string, body?: unknown) => {
      const sent =
        body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      return bodyOf<Body>(await ask(path, { method: 'POST', signal: signal(), ...sent }), url)
    },
    // Ctrl-C is what asks for it, so its signal does not count here.
    cancel: async <Body>(path: string) =>
      bodyOf<Body>(await ask(path, { method: 'DELETE', signal: AbortSignal.timeout(TIMEOUT_MS) }), url),
    open: (path, headers, until) => ask(path, { headers, signal: until }),
  }
}

/** A base URL without a slash at its end. */
function baseUrl(cli: Cli): string {
  const named = namedUrl(cli)
  if (named !== undefined) {
    const url = URL.parse(named)
    if (url !== null && /^https?:$/.test(url.protocol)) return named.replace(/\/+$/, '')
    throw new RingbackError('usage', `--url: ${oneLine(named)} is not an http or https URL.`)
  }
  return `http://${reachable(adminListen(cli))}`
}

function namedUrl({ options, env }: Cli): string | undefined {
  const named = options.url ?? env['RINGBACK_URL']
  return named === '' ? undefined : named
}

/** An address to connect to for one to listen on: everywhere means here. */
export function reachable(listen: string): string {
  return listen.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')
}

function readToken(cli: Cli): string | undefined {
  const { options, env } = cli
  if (options.tokenFile === undefined) {
    const token = env[TOKEN] ?? (namedUrl(cli) === undefined ? tokenOfHere(cli) : undefined)
    return token === '' ? undefined : token
  }
  try {
    return readFileSync(options.tokenFile, 'utf8').trim()
  } catch (cause) {
    throw new RingbackError('usage', `--token-file: cannot read ${options.tokenFile}.`, { cause })
  }
}

/** What `.env` says is for the daemon beside it, and is sent to no other. */
function tokenOfHere(cli: Cli): string | undefined {
  try {
    return withDotEnv(cli.env, configPath(cli))[TOKEN]
  } catch {
    return undefined // Not for this user to read: the daemon says whether it wants one.
  }
}

function queryText(query: Query): string {
  const set = Object.entries(query).filter(([, value]) => value !== undefined)
  if (set.length === 0) return ''
  return `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString()}`
}

/** Safe: the daemon's answers are held to the types of admin/api.ts by its own tests. */
async function bodyOf<Body>(response: Response, url: string): Promise<Body> {
  try {
    return (await response.json()) as Body
  } catch (cause) {
    throw new RingbackError(
      'unreachable',
      `${url} answers, but not as Ringback does. Is it the admin port?`,
      { cause },
    )
  }
}

function unreachable(url: string, cause: unknown): RingbackError {
  const why = reasonOf(cause)
  return new RingbackError(
    'unreachable',
    `Nothing answers at ${url} (${oneLine(why, 200)}).\n` +
      'Is Ringback running? Start it with: ringback serve. Elsewhere? Say where with --url or RINGBACK_URL.',
    { cause },
  )
}

async function refusal(response: Response, url: string): Promise<RingbackError> {
  const text = await response.text()
  const detail = detailOf(text) ?? `${url} answered ${response.status}.`
  const hint = response.status === 401 ? '\nPass the token with RINGBACK_ADMIN_TOKEN or --token-file.' : ''
  return new RingbackError(codeOf(response.status), oneLine(detail) + hint)
}

/** Of a problem, or of a daemon that is not ready. */
function detailOf(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as Partial<Problem & HealthView> | null
    if (typeof value?.detail === 'string') return value.detail
    return Array.isArray(value?.reasons) ? value.reasons.join('; ') : undefined
  } catch {
    return undefined
  }
}

function codeOf(status: number): ErrorCode {
  if (status === 400) return 'usage'
  if (status === 401 || status === 403 || status === 421 || status === 429) return 'not_allowed'
  if (status === 404) return 'not_found'
  if (status === 422) return 'config'
  if (status === 502) return 'handler_failed'
  return status === 503 ? 'ledger' : 'unreachable'
}
