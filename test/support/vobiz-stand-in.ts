import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as the API saw it. */
export interface ApiRequest {
  readonly method: string
  /** Path and query as received. */
  readonly target: string
  readonly rawHeaders: readonly string[]
  readonly body: string
}

interface Answer {
  readonly status: number
  readonly body?: unknown
}

type Fields = Record<string, unknown>

const credentials = { id: 'MA_TEST123', token: 'api-token-canary-5517' }

/**
 * A scripted stand-in of the provider's API (https://vobiz.ai/docs) with its habits: exact case and slashes or 401,
 * 201 for what was created, 202 for what a running call is told.
 */
export class VobizStandIn implements AsyncDisposable {
  readonly requests: ApiRequest[] = []
  readonly applications = new Map<string, Fields>()
  readonly trunks = new Map<string, Fields>()
  /** By call id. */
  readonly calls = new Map<string, Fields>()
  /** Call detail records. */
  readonly records: Fields[] = []
  /** Status of a call that is made: the documents say 200, production 201. */
  callStatus = 201
  /** Answers by hand; true when it did. */
  intercept: ((request: ApiRequest, response: ServerResponse) => boolean) | undefined
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  static async start(): Promise<VobizStandIn> {
    const standIn = new VobizStandIn()
    standIn.#server.listen(0, '127.0.0.1')
    await once(standIn.#server, 'listening')
    return standIn
  }

  static readonly headers = { 'X-Auth-ID': credentials.id, 'X-Auth-Token': credentials.token }
  static readonly token = credentials.token

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url: target = '', rawHeaders } = request
    const seen = { method, target, rawHeaders, body: Buffer.concat(chunks).toString('latin1') }
    this.requests.push(seen)
    if (this.intercept?.(seen, response) === true) return
    const { status, body } = isKnown(request) ? this.#answer(seen) : invalid
    response.writeHead(status, [
      'Content-Type',
      'application/json',
      'X-Request-Id',
      randomUUID(),
      'Set-Cookie',
      'a=1',
      'Set-Cookie',
      'b=2',
    ])
    response.end(body === undefined ? undefined : JSON.stringify(body))
  }

  #answer({ method, target, body }: ApiRequest): Answer {
    const path = target.split('?', 1).join()
    const [, rest = ''] = /^\/api\/v1\/Account\/MA_TEST123\/(.*)$/.exec(path) ?? []
    const [kind = '', id = '', action = '', end] = rest.split('/')
    if (rest === 'cdr' && method === 'GET') return recordPage(this.records, target)
    const sent = (): Fields => JSON.parse(body === '' ? '{}' : body) as Fields
    switch (kind) {
      case 'Application':
        if (action !== '' || !path.endsWith('/')) return invalid
        return this.#application(method, id, sent)
      case 'trunks':
        return this.#trunk(method, id, sent)
      case 'Call':
        if (!path.endsWith('/')) return invalid
        return id === '' ? this.#call(sent()) : taken(action === '' ? 'transfer executed' : end)
      case 'Conference':
        return taken('conference recording started')
      default:
        return invalid
    }
  }

  #application(method: string, id: string, sent: () => Fields): Answer {
    if (method === 'GET' && id === '') {
      return {
        status: 200,
        body: { meta: { total: this.applications.size }, objects: [...this.applications.values()] },
      }
    }
    if (method === 'POST' && id === '') {
      const appId = String(10_000 + this.applications.size)
      this.applications.set(appId, { app_id: appId, ...sent() })
      return { status: 201, body: { api_id: 'api-1', app_id: appId, message: 'created' } }
    }
    const known = this.applications.get(id)
    if (known === undefined) return { status: 404, body: { error: 'Application not found', app_id: id } }
    if (method === 'POST') Object.assign(known, sent())
    return { status: 200, body: method === 'POST' ? { api_id: 'api-1', message: 'changed' } : known }
  }

  #trunk(method: string, id: string, sent: () => Fields): Answer {
    if (method === 'POST') {
      const trunk = { trunk_id: randomUUID(), ...sent() }
      this.trunks.set(trunk.trunk_id, trunk)
      return { status: 201, body: trunk }
    }
    const trunk = this.trunks.get(id)
    if (trunk === undefined) return { status: 404, body: { error: 'trunk not found' } }
    if (method === 'PUT') Object.assign(trunk, sent())
    return { status: 200, body: trunk }
  }

  #call(sent: Fields): Answer {
    if (!/^https?:\/\//.test(String(sent['answer_url']))) {
      return {
        status: 400,
        body: { error: 'invalid request parameters', details: { answer_url: 'Enter a valid URL' } },
      }
    }
    const id = randomUUID()
    this.calls.set(id, sent)
    return { status: this.callStatus, body: { api_id: 'api-1', message: 'Call fired', request_uuid: id } }
  }
}

function taken(message: string | undefined): Answer {
  return { status: 202, body: { api_id: 'api-1', message } }
}

/** https://vobiz.ai/docs/cdr/list-cdrs: newest first, whole days, at most 100 a page. */
function recordPage(all: readonly Fields[], target: string): Answer {
  const query = new URL(target, 'http://api').searchParams
  const [from, to] = [query.get('start_date'), query.get('end_date')]
  const dayOf = (record: Fields): string => String(record['start_time']).slice(0, 10)
  const found = all
    .filter((record) => from === null || to === null || (dayOf(record) >= from && dayOf(record) <= to))
    .toSorted((a, b) => String(b['start_time']).localeCompare(String(a['start_time'])))
  const page = Number(query.get('page') ?? 1)
  const perPage = Math.min(100, Number(query.get('per_page') ?? 20))
  const data = found.slice((page - 1) * perPage, page * perPage)
  const pages = Math.ceil(found.length / perPage)
  const pagination = {
    page,
    per_page: perPage,
    total: found.length,
    pages,
    has_next: page < pages,
    has_prev: page > 1,
  }
  return {
    status: 200,
    body: { account_id: credentials.id, count: data.length, data, pagination, success: true },
  }
}

function iso(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z/, 'Z')
}

/** A record of a call that ended, with the fields that the documents show. */
export function callRecord(
  uuid: string,
  { startedAt, endedAt, ...more }: { readonly startedAt: number; readonly endedAt: number } & Fields,
): Fields {
  return {
    id: 18_623_590,
    uuid,
    account_id: credentials.id,
    call_direction: 'inbound',
    caller_id_number: '+14155551234',
    destination_number: '+918065480214',
    start_time: iso(startedAt),
    end_time: iso(endedAt),
    created_at: iso(endedAt),
    hangup_cause: 'NORMAL_CLEARING',
    hangup_cause_code: 4000,
    hangup_cause_name: 'Normal Hangup',
    hangup_source: 'Caller',
    bridge_uuid: null,
    context: 'voice-api',
    trunk_id: null,
    ...more,
  }
}

const invalid: Answer = { status: 401, body: { error: 'invalid credentials' } }

function isKnown({ headers }: IncomingMessage): boolean {
  return headers['x-auth-id'] === credentials.id && headers['x-auth-token'] === credentials.token
}
