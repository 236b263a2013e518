import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How the sink answers from now on. */
export type SlackBehaviour =
  | 'ok'
  | 'hang'
  | 'cut'
  | 'redirect'
  | { readonly status: number; readonly body: string; readonly retryAfter?: string }

/** What arrived, as JSON of an incoming webhook. */
export interface SlackPost {
  readonly text: string
  readonly attachments: readonly {
    readonly color: string
    readonly fallback: string
    readonly blocks: readonly Record<string, unknown>[]
  }[]
  /** The body as it stood on the wire. */
  readonly raw: string
  /** When it had arrived, milliseconds since the epoch. */
  readonly at: number
}

/** Looks like Slack's incoming webhooks, on loopback. `messages` holds what it accepted, `tried` every request. */
export class SlackSink implements AsyncDisposable {
  readonly messages: SlackPost[] = []
  tried = 0
  /** Of the newest request. */
  headers: IncomingMessage['headers'] = {}
  #behaviour: SlackBehaviour = 'ok'
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  static async start(): Promise<SlackSink> {
    const sink = new SlackSink()
    sink.#server.listen(0, '127.0.0.1')
    await once(sink.#server, 'listening')
    return sink
  }

  /** Webhook URL; its last part stands for the secret. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}/services/T0/B0/SeCrEtToKeN`
  }

  behave(behaviour: SlackBehaviour): void {
    this.#behaviour = behaviour
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    this.tried += 1
    this.headers = request.headers
    let raw = ''
    for await (const chunk of request.setEncoding('utf8')) raw += String(chunk)
    const behaviour = this.#behaviour
    if (behaviour === 'hang') return
    if (behaviour === 'cut') return void request.socket.destroy()
    if (behaviour === 'redirect') return void response.writeHead(302, { location: this.url }).end()
    if (behaviour !== 'ok') {
      if (behaviour.retryAfter !== undefined) response.setHeader('retry-after', behaviour.retryAfter)
      response.writeHead(behaviour.status).end(behaviour.body)
      return
    }
    const at = performance.timeOrigin + performance.now()
    this.messages.push({ ...(JSON.parse(raw) as Omit<SlackPost, 'raw' | 'at'>), raw, at })
    response.end('ok')
  }
}
