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
    const [path = ''] = target.split('?')
    const [, rest = ''] = /^\/api\/v1\/Account\/MA_TEST123\/(.*)$/.exec(path) ?? []
    const [kind = '', id = '', action = '', end] = rest.split('/')
    const sent = (): Fields => JSON.parse(body === '' ? '{}' : body) as Fields
    switch (kind) {
      case 'Application':
        if (action !== '' || !path.endsWith('/')) return invalid
        return this.#application(method, id, sent)
      case 'trunks':
        return this.#trunk(method, id, sent)
      case 'Call':
        if (!path.endsWith('/')) return invalid
        if (id === '') return this.#call(sent())
        return { status: 202, body: { api_id: 'api-1', message: action === '' ? 'transfer executed' : end } }
      case 'Conference':
        return { status: 202, body: { api_id: 'api-1', message: 'conference recording started' } }
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

const invalid: Answer = { status: 401, body: { error: 'invalid credentials' } }

function isKnown({ headers }: IncomingMessage): boolean {
  return headers['x-auth-id'] === credentials.id && headers['x-auth-token'] === credentials.token
}
