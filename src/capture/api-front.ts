import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { problem } from '../callback/answer.ts'
import type { Route } from '../callback/route.ts'
import { type Relay, RelayError, type RelayReply, type RelayRequest } from '../forward/relay.ts'
import { MOST_ANSWER_BYTES, unwrapBody } from './api-reply.ts'
import { captureBody, type CapturedBody, type FrontSettings } from './api-request.ts'
import { type Resource, resourceOf } from './api-resources.ts'
import type { CapturedUrls } from './captured-urls.ts'
import { readSome } from './read-some.ts'

/** What the front tells; never a URL, a body or a credential. */
interface FrontEvents {
  captured(account: string, resource: string, fields: readonly string[]): void
  /** URLs that pass as they came, because they could not be written down. */
  notStored(account: string, resource: string, fields: readonly string[]): void
  unreachable(problem: string): void
  failed(error: unknown): void
}

export interface ApiFrontParts {
  readonly relay: Relay
  /** Path of the API's base, without a slash at the end. */
  readonly basePath: string
  readonly urls: CapturedUrls
  readonly settings: () => FrontSettings
  /** The route of captured URLs of an account; undefined when it is not configured. */
  readonly routeOfAccount: (account: string) => Route | undefined
  readonly events: FrontEvents
}

/** Takes one request for the API: everything passes byte for byte, but for callback URLs. Never rejects. */
export interface ApiFront {
  (request: IncomingMessage, response: ServerResponse): Promise<void>
}

/** Larger bodies are no settings of an application or a call. */
const MOST_BODY_BYTES = 1024 * 1024

export function createApiFront(parts: ApiFrontParts): ApiFront {
  return async (request, response) => {
    try {
      await new Passage(parts, request, response).run()
    } catch (error) {
      if (error instanceof RelayError) {
        parts.events.unreachable(error.message)
        refuse(response, error.isTimeout ? 504 : 502, titleOf(error))
        return
      }
      if (!isHangUp(error)) parts.events.failed(error)
      if (response.headersSent) response.destroy()
      else refuse(response, 500, 'internal error')
    }
  }
}

class Passage {
  readonly #parts: ApiFrontParts
  readonly #request: IncomingMessage
  readonly #response: ServerResponse

  constructor(parts: ApiFrontParts, request: IncomingMessage, response: ServerResponse) {
    this.#parts = parts
    this.#request = request
    this.#response = response
  }

  async run(): Promise<void> {
    const { method = '', url = '' } = this.#request
    if (!url.startsWith('/')) {
      refuse(this.#response, 400, 'the request target must be a path')
      return
    }
    const [path = ''] = url.split('?', 1)
    const resource = resourceOf(method, path)
    const base = resource === undefined ? undefined : this.#routeFor(resource)
    if (resource === undefined || base === undefined) {
      await this.#passOn(hasBody(this.#request) ? this.#request : undefined)
      return
    }
    const body = await readSome(this.#request, MOST_BODY_BYTES)
    if (body instanceof Readable) await this.#passOn(body)
    else await this.#passChanged(body, resource, base)
  }

  async #passOn(body: Readable | undefined): Promise<void> {
    const contentLength = body === undefined ? undefined : this.#request.headers['content-length']
    await this.#answer(await this.#parts.relay.send(this.#order(body, contentLength)))
  }

  async #passChanged(body: Uint8Array, resource: Resource, base: Route): Promise<void> {
    const contentType = this.#request.headers['content-type'] ?? ''
    const settings = this.#parts.settings()
    const change = await captureBody({ body, contentType, resource }, base, this.#parts.urls, settings)
    this.#tell(base, resource, change)
    let wasTaken = true // unless the API certainly did not: then nobody will ever dial these URLs
    try {
      const reply = await this.#parts.relay.send(this.#order(change.body, undefined))
      wasTaken = reply.status < 400 || reply.status >= 500
      await this.#answer(reply)
    } catch (error) {
      if (error instanceof RelayError) wasTaken = error.mayHaveArrived
      throw error
    } finally {
      for (const each of change.captured) this.#parts.urls.release(each, wasTaken)
    }
  }

  #order(body: RelayRequest['body'], contentLength: string | undefined): RelayRequest {
    const { method = '', url = '', rawHeaders } = this.#request
    return { method, path: this.#parts.basePath + url, headers: rawHeaders, body, contentLength }
  }

  /** The route for the account of the path, or, where the path names none that is configured, of the credentials. */
  #routeFor({ account }: Resource): Route | undefined {
    const id = this.#request.headers['x-auth-id']
    const named = account === undefined ? undefined : this.#parts.routeOfAccount(account)
    return named ?? (typeof id === 'string' ? this.#parts.routeOfAccount(id) : undefined)
  }

  async #answer(reply: RelayReply): Promise<void> {
    const { headers, contentLength } = reply
    const isJson = /\bjson\b/i.test(valueOf(headers, 'content-type'))
    const body =
      isJson && this.#request.method !== 'HEAD' ? await readSome(reply.body, MOST_ANSWER_BYTES) : reply.body
    if (body instanceof Readable) {
      this.#writeHead(reply, contentLength)
      await pipeline(body, this.#response)
      return
    }
    const { urls } = this.#parts
    const coding = valueOf(headers, 'content-encoding')
    const unwrapped = unwrapBody(body, coding, urls.prefix, (token) => urls.originalOf(token))
    const isBodiless = reply.status === 204 || reply.status === 304
    this.#writeHead(reply, isBodiless ? contentLength : String(unwrapped.length))
    this.#response.end(unwrapped)
  }

  #writeHead({ status, statusText, headers }: RelayReply, contentLength: string | undefined): void {
    const all = contentLength === undefined ? headers : [...headers, 'Content-Length', contentLength]
    this.#response.sendDate = false
    this.#response.writeHead(status, statusText, [...all])
  }

  #tell(base: Route, resource: Resource, { fields, unstored }: CapturedBody): void {
    const account = base.account ?? ''
    if (fields.length > 0) this.#parts.events.captured(account, resource.name, fields)
    if (unstored.length > 0) this.#parts.events.notStored(account, resource.name, unstored)
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

function valueOf(headers: readonly string[], name: string): string {
  const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name)
  return at === -1 ? '' : (headers[at + 1] ?? '')
}

function titleOf({ mayHaveArrived, isTimeout }: RelayError): string {
  if (!mayHaveArrived) return 'the API cannot be reached; the request was not sent'
  return isTimeout
    ? 'the API did not answer in time; whether it took the request is not known, and it is not sent again'
    : 'the API broke off; whether it took the request is not known, and it is not sent again'
}

/** The client went away, or the API in the middle of its answer. */
function isHangUp(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  return (
    code === 'ERR_STREAM_PREMATURE_CLOSE' ||
    code === 'ECONNRESET' ||
    code === 'UND_ERR_SOCKET' ||
    code === 'EPIPE'
  )
}

function refuse(response: ServerResponse, status: number, title: string): void {
  if (response.headersSent || response.destroyed) return
  const { headers, body } = problem(status, title)
  response.writeHead(status, [...headers, 'Content-Length', String(body.length), 'Connection', 'close'])
  response.end(body)
}
